"""Bytes in, a report or one sentence out: pages broken at random for a minute or more; one of the slower checks.

usage: fuzz_check.py [SECONDS [SEED]]
What once crashed or hung belongs into test_hostile.py, as a page of its own.
"""

from __future__ import annotations

import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable

from recordings import DATA, PAGES
from vllm_observability.pages.evaluate import window
from vllm_observability.pages.redact import Redaction
from vllm_observability.pages.scrape import ScrapeError, read_page
from vllm_observability.pages.snapshot import snapshot
from vllm_observability.pages.source import Source
from vllm_observability.render.report.html import report_html
from vllm_observability.render.report.json import report_json
from vllm_observability.render.report.markdown import report_markdown
from vllm_observability.render.report.text import report_text
from vllm_observability.report import analyse
from vllm_observability.settings import Settings
from vllm_observability.words.languages import LANGUAGES

SLOWEST = 5.0  # seconds for one page; the largest seeds take half of one
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
        assert "\x1b" not in text
    assert not any("<script" in text for text in pages)
    return "report"


def main() -> int:
    """1 where anything crashed or took too long."""
    length = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    dice, outcomes, slowest = random.Random(seed), Counter[str](), 0.0
    end = time.monotonic() + length
    while time.monotonic() < end:
        page = broken(dice.choice(SEEDS), dice)
        begin = time.monotonic()
        try:
            outcomes[report(page, dice)] += 1
        except Exception:
            outcomes["crashed"] += 1
            sys.stdout.write(f"crash on {page[:200]!r}… ({len(page)} bytes)\n{traceback.format_exc(limit=-4)}")
        slowest = max(slowest, time.monotonic() - begin)
    sys.stdout.write(f"seed {seed}, {sum(outcomes.values())} pages: {dict(outcomes)}; slowest {slowest:.2f} s\n")
    return 1 if outcomes["crashed"] or slowest > SLOWEST else 0


if __name__ == "__main__":
    sys.exit(main())
