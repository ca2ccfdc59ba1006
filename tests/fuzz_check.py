"""Bytes in, a report or one sentence out: pages and answers broken at random; one of the slower checks.

usage: fuzz_check.py [SECONDS [SEED]]
Half of the time goes to pages, a quarter each to answers of a query API and to folders of pages. What once crashed or
hung belongs into test_hostile.py or test_answers.py, as a case of its own.
"""

from __future__ import annotations

import functools
import random
import re
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sized
from pathlib import Path
from typing import TypeVar
from unittest import mock

from click.testing import CliRunner

from made_pages import write_pages
from recordings import DATA, PAGES
from vllm_observability.command.cli import main as main_command
from vllm_observability.doctor import Diagnosis, examine
from vllm_observability.doctor.targets import errors, failing_rules
from vllm_observability.intervals.asked import Ask, one_side, two_sides
from vllm_observability.pages.evaluate import window
from vllm_observability.pages.fetch import Fetched, FetchError
from vllm_observability.pages.redact import Redaction
from vllm_observability.pages.scrape import ScrapeError, read_page
from vllm_observability.pages.snapshot import snapshot
from vllm_observability.pages.source import Source
from vllm_observability.pages.sources import Access, SourceError
from vllm_observability.prometheus import Question, api, read_prometheus
from vllm_observability.render.report.doctor import diagnosis_text, doctor_json
from vllm_observability.render.report.html import report_html
from vllm_observability.render.report.json import report_json
from vllm_observability.render.report.markdown import report_markdown
from vllm_observability.render.report.text import report_text
from vllm_observability.report import analyse
from vllm_observability.settings import Settings
from vllm_observability.words.languages import LANGUAGES

Given = TypeVar("Given", bound=Sized)
UNSEEN = re.compile("[\x1b\x9b\u200b\u202a-\u202e\u2060-\u2069\U000e0000-\U000e0fff]")
SLOWEST = 5.0  # seconds for one page; the largest seeds take half of one
HOSTILE_NAMES = ["acme\x1b[2J.txt", "\u202etxt.acme", "1e309.txt", "-1.txt", "9" * 200 + ".txt", "x", "\u0663.txt"]
SEEDS = [path.read_bytes() for path in sorted([*PAGES.glob("*/after.txt"), *DATA.glob("oddities/**/*.txt")])]
PIECES = [
    *(
        b"NaN",
        b"+Inf",
        b"-Inf",
        b"1e309",
        b"-0",
        b"0x10",
        b'le="',
        b'"}',
        b"{",
        b"}",
        b"\\",
        b'\\"',
        b"\n",
        b"\r\n",
        b"#",
    ),
    *(b"# EOF\n", b"# TYPE vllm:num_requests_running histogram\n", b"\x00", b"\xff\xfe", b"\xc3\x28", b"\xe2\x80\xae"),
    *(b"\x1b[2J", b"<script>", b"vllm:", b"ray_vllm_", b'model_name="', b' # {trace_id="x"} 1', b"_bucket", b"_total"),
    *(b"9" * 400, b"," * 50, b"\x1f\x8b\x08"),
    *(b" 99999999999999999 ", b" 1e99\n", "\U000e0041\U000e0042".encode(), "\u2066\u3164".encode()),
]


def broken(page: bytes, dice: random.Random) -> bytes:
    """A page with a few things wrong."""
    changes: list[Callable[[bytes], bytes]] = [_flip, _cut, _insert, _swap, _repeat, _join]
    for _ in range(dice.randint(1, 8)):
        page = dice.choice(changes)(page, dice)  # type: ignore[call-arg]
    return page


def _place(page: bytes, dice: random.Random) -> int:
    return dice.randrange(len(page) + 1)


def _flip(page: bytes, dice: random.Random) -> bytes:
    at = _place(page, dice)
    return page[:at] + bytes([dice.randrange(256)]) + page[at + 1 :]


def _cut(page: bytes, dice: random.Random) -> bytes:
    at = _place(page, dice)
    return page[:at] + page[at + dice.choice((1, 7, 300, 5000)) :]


def _insert(page: bytes, dice: random.Random) -> bytes:
    at = _place(page, dice)
    return page[:at] + dice.choice(PIECES) + page[at:]


def _lines(page: bytes, dice: random.Random) -> tuple[list[bytes], int, int]:
    lines = page.split(b"\n")
    return lines, dice.randrange(len(lines)), dice.randrange(len(lines))


def _swap(page: bytes, dice: random.Random) -> bytes:
    lines, one, other = _lines(page, dice)
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _repeat(page: bytes, dice: random.Random) -> bytes:
    lines, one, other = _lines(page, dice)
    return b"\n".join([*lines[:one], lines[other], *lines[one:]])


def _join(page: bytes, dice: random.Random) -> bytes:
    """The beginning of one page, the end of another."""
    other = dice.choice(SEEDS)
    return page[: _place(page, dice)] + other[_place(other, dice) :]


def report(page: bytes, dice: random.Random) -> str:
    """What became of a page: `report`, `refused` or `not vllm`."""
    try:
        read = read_page(page)
    except ScrapeError:
        return "refused"
    found = snapshot(Redaction().page(read) if dice.random() < 0.3 else read)
    if not found.engine_samples:
        return "not vllm"
    made = analyse(window(found), Source("file", "page"), Settings())
    language = dice.choice(list(LANGUAGES.values()))
    pages = (report_markdown(made, language=language), report_html(made, language=language))
    for text in (report_text(made, language=language), report_json(made), *pages):
        assert text
        assert not UNSEEN.search(text)
    assert not any("<script" in text for text in pages)
    return "report"


# ---------------------------------------------------------------------------------------- answers of a query API

_ROW = '{"metric":{"__name__":"vllm:num_requests_running","model_name":"a","engine":"0","job":"v","instance":"i"},'
_HISTOGRAM = '"histogram":[1,{"count":"3","sum":"4.5","buckets":[[0,"1","2","3"]]}]'
ANSWERS = [
    f'{{"status":"success","data":{{"resultType":"vector","result":[{_ROW}"value":[1800000000.5,"3"]}}]}}}}'.encode(),
    f'{{"status":"success","data":{{"resultType":"vector","result":[{_ROW}{_HISTOGRAM}}}]}}}}'.encode(),
    f'{{"status":"success","data":{{"resultType":"matrix","result":[{_ROW}"values":[[1,"2"],[2,"NaN"]]}}]}}}}'.encode(),
    b'{"status":"success","data":{"resultType":"scalar","result":[1,"2"]},"warnings":["w"],"infos":["i"]}',
    b'{"status":"success","isPartial":true,"data":{"resultType":"string","result":[1,"text"]}}',
    b'{"status":"error","errorType":"bad_data","error":"parse error"}',
    b'{"error":{"code":401,"message":"no"}}',
]
SPLINTERS = [
    *(b"null", b"true", b"[]", b"{}", b'""', b"0", b"-1", b"1e999", b"NaN", b"Infinity", b'"+Inf"', b'"NaN"', b'"x"'),
    *(b"9" * 5000, b"[" * 5000, b"\xff\xfe", b"\x1b[2J", b'"\\ud800"', b'"\\u001b]0;x\\u0007"', b"<html>", b"\x1f\x8b"),
    "\U000e0041\u202e".encode(),
]
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s"\[\]{},:]+')


def splintered(answer: bytes, dice: random.Random) -> bytes:
    """An answer in which some words are others, or gone, or in which bytes are broken as on a page."""
    for _ in range(dice.randint(1, 4)):
        words = list(_TOKEN.finditer(answer))
        if words and dice.random() < 0.8:
            word = dice.choice(words)
            other = dice.choice([b"", *SPLINTERS, dice.choice(words)[0]])
            answer = answer[: word.start()] + other + answer[word.end() :]
        else:
            answer = broken(answer, dice)
    return answer


class _Source:
    """Stands for a server: every question gets the same answer."""

    def __init__(self, answer: bytes, status: int) -> None:
        self.answer, self.status = answer, status

    def fetch(self, url: str, **_: object) -> Fetched:
        """The answer, or the refusal."""
        if self.status != 200:
            raise FetchError("http://x/ answered", self.status, self.answer)
        return Fetched(self.answer, url, "application/json", 0.0)


def asked(answer: bytes, dice: random.Random) -> str:
    """What became of an answer: `read` or `named`."""
    source = _Source(answer, dice.choice((200, 200, 200, 400, 401, 403, 422, 500, 503)))
    server = api.Api("http://x", Access(), 1_000_000)
    question = dice.choice(
        [
            server.now,
            lambda: server.vector("x", 1.0),
            lambda: server.values("x", 1.0),
            lambda: server.matrix("x", 0.0, 1.0, 1.0),
            lambda: errors(server),
            lambda: list(failing_rules(server)),
            lambda: examine(server, Settings(), 1_800_000_000.0),
            lambda: one_side("http://x", Ask(None, ""), Access(), Settings(), None),
            lambda: two_sides(
                "http://x", [Ask((1.0, 3601.0)), Ask((1e9, 1e9 + 60))], Access(), Settings(), Redaction()
            ),
            lambda: read_prometheus("http://x", Question(at=1_800_000_000.0), Access(), Settings()),
        ]
    )
    with mock.patch.object(api, "fetch", source.fetch):
        try:
            found: object = question()
        except SourceError as error:
            said = str(error)
        else:
            said = ""
    if said:
        assert said.isprintable(), said
        assert len(said) < 1500
        return "named"
    assert all(note.isprintable() for note in server.notes)
    if isinstance(found, Diagnosis):
        text = diagnosis_text(found) + doctor_json(found)
        assert all(line.isprintable() for line in text.splitlines())
    return "read"


# ------------------------------------------------------------------------------------------ folders of pages


@functools.cache
def _whole() -> dict[str, bytes]:
    """Pages of one server, every 30 s over twelve minutes, by the names of their files."""
    with tempfile.TemporaryDirectory() as place:
        made = write_pages(Path(place) / "side", engines=1, every=30.0)
        return {path.name: path.read_bytes() for path in sorted(made.glob("*/*.txt"))}


_SAMPLE = re.compile(rb"^(vllm:[^ ]+) [^ ]+$", re.MULTILINE)


def impossible(pages: dict[str, bytes], dice: random.Random) -> dict[str, bytes]:
    """One series gone, or with a value that no vLLM counts, on one page, on the pages from some time on, or on all."""
    names = sorted(pages)
    series = re.escape(dice.choice(_SAMPLE.findall(pages[dice.choice(names)])))
    value = dice.choice((b"", b"NaN", b"+Inf", b"-Inf", b"-1", b"-1e300", b"1e300", b"0", b"0.5", b"1e-320"))
    first = dice.randrange(len(names))
    wrong = dice.choice((names[first : first + 1], names[first:], names))
    line = re.compile(rb"^(" + series + rb") [^ ]+\n", re.MULTILINE)
    other = rb"\1 " + value + b"\n" if value else b""
    return {name: line.sub(other, page) if name in wrong else page for name, page in pages.items()}


def folder(dice: random.Random) -> dict[str, bytes]:
    """Pages of which a few have something wrong, or a strange name."""
    pages = dict(_whole())
    for name in dice.sample(sorted(pages), dice.choice((0, 1, 1, 2, 5))):
        pages[name] = dice.choice((_flip, _cut, _insert, _swap, _repeat))(pages[name], dice)
    for _ in range(dice.choice((0, 1, 3))):
        pages = impossible(pages, dice)
    if dice.random() < 0.2:
        pages[dice.choice(HOSTILE_NAMES)] = pages.pop(dice.choice(sorted(pages)))
    return pages


def sided(pages: dict[str, bytes], dice: random.Random) -> str:
    """What became of a folder as both sides of compare, and as capacity's: `read`, `refused` or `can't tell`."""
    redact = dice.choice(([], ["--redact"]))
    form = dice.choice(("text", "markdown", "html", "json"))
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "gpu-17").mkdir()
        for name, page in pages.items():
            (Path(place) / "gpu-17" / name).write_bytes(page)
        command = dice.choice((["compare", place, place], ["capacity", place, "--max-num-seqs", "256"]))
        done = CliRunner().invoke(main_command, [*command, *redact, "--format", form])
    assert done.exit_code in (0, 1, 2, 3), done.exception
    assert "vllm-obs itself failed" not in done.output, done.output
    assert not UNSEEN.search(done.output)
    assert not (redact and "gpu-17" in done.output), done.output
    assert not ("<script" in done.output and form in ("html", "markdown"))
    return {2: "refused", 3: "can't tell"}.get(done.exit_code, "read")


def fuzz(what: str, seconds: float, make: Callable[[], Given], judge: Callable[[Given], str]) -> bool:
    """Whether all went well for so many seconds."""
    outcomes, slowest, end = Counter[str](), 0.0, time.monotonic() + seconds
    while time.monotonic() < end:
        given = make()
        begin = time.monotonic()
        try:
            outcomes[judge(given)] += 1
        except Exception:
            outcomes["crashed"] += 1
            shown = given if isinstance(given, bytes) else repr(given)[-300:]
            sys.stdout.write(f"crash on {shown[:300]!r}… ({len(given)} bytes)\n{traceback.format_exc(limit=-4)}")
        slowest = max(slowest, time.monotonic() - begin)
    sys.stdout.write(f"{sum(outcomes.values())} {what}: {dict(outcomes)}; slowest {slowest:.2f} s\n")
    return not outcomes["crashed"] and slowest <= SLOWEST


def main() -> int:
    """1 where anything crashed or took too long."""
    length = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    dice = random.Random(seed)
    sys.stdout.write(f"seed {seed}\n")
    pages = fuzz("pages", length * 0.5, lambda: broken(dice.choice(SEEDS), dice), lambda p: report(p, dice))
    answers = fuzz("answers", length * 0.25, lambda: splintered(dice.choice(ANSWERS), dice), lambda a: asked(a, dice))
    folders = fuzz("folders", length * 0.25, lambda: folder(dice), lambda f: sided(f, dice))
    return 0 if pages and answers and folders else 1


if __name__ == "__main__":
    sys.exit(main())
