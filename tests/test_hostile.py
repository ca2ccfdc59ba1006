"""Hostile pages: whatever bytes come in, out comes a report or one plain sentence, soon, and nothing that acts."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Iterator, Sequence

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from recordings import DATA, PAGES
from vllm_observability.command.cli import main

GOOD = (PAGES / "vllm-0.32.0" / "after.txt").read_bytes()
LINE = b'vllm:num_requests_running{model_name="%s"} 3\n'


FORMS = ("text", "json", "markdown", "html")


def _analyse(given: bytes, *, within: float = 10.0, forms: Sequence[str] = FORMS) -> dict[str, str]:
    """The report on a page in every format, or {} where it was refused; never a traceback, never late."""
    out = {}
    for form in forms:
        begin = time.process_time()
        done = CliRunner().invoke(main, ["analyze", "-", "--format", form], input=given)
        assert time.process_time() - begin < within
        assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
        assert done.exit_code in (0, 2)
        if done.exit_code == 2:
            assert "" == done.stdout
            assert 1 == len(done.stderr.strip().splitlines())
            assert len(done.stderr) < 2000
            _harmless(done.stderr)
            assert "itself failed" not in done.stderr  # the last guard is for what nobody foresaw
            continue
        assert "" == done.stderr
        out[form] = done.stdout
    assert set(out) in (set(), set(forms))
    if "text" in out:
        _harmless(out["text"])
        assert max(cell_len(line) for line in out["text"].splitlines()) <= 80
    for form in ("markdown", "html"):
        _harmless(out.get(form, ""))
    if "json" in out:
        assert out["json"].isascii()
        data = json.loads(out["json"], parse_constant=pytest.fail)
        assert all(0 <= figure["value"] < float("inf") for figure in data["figures"])
    return out


def _harmless(text: str) -> None:
    """Nothing that moves a cursor, colours, hides or turns text round."""
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe0f\ufeff"
        "\U000e0000-\U000e0fff]",
        text,
    )


# ---------------------------------------------------------------------------------------- text in labels

NASTY = {
    "escape sequences": b"\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "the one-byte escape": "\x9b31m".encode(),
    "a carriage return": b"fine\rVERDICT: all good",
    "line breaks": b"a\\nb\\n\\nFindings\\n  No threshold is passed.",
    "backspaces": b"bad\x08\x08\x08good",
    "text turned round": "\u202eexe.gpj".encode(),
    "text without width": "a\u200b\u2060\ufeffb".encode(),
    "tags that spell a sentence": "ok\U000e0001\U000e0049\U000e0067\U000e006e\U000e006f\U000e0072\U000e0065".encode(),
    "fillers and selectors": "a\u3164\u115f\u00ad\ufe0f\U000e0101b\u061c".encode(),
    "markup": b"<script>alert(1)</script><img src=x onerror=alert(2)>",
    "terminal markup": b"[bold red]x[/] [link=https://evil.test]y[/link] :skull:",
    "a template": b"{n} {0.__class__} {title} %s %(name)s ${HOME} {{ $labels }}",
    "a spreadsheet": b"=cmd|'/C calc'!A0",
    "bytes that are no text": b"\xff\xfe\xc3\x28\xed\xa0\x80",
    "wide characters": "\U0001f600\u6f22\u5b57".encode() * 30,
    "combining characters": ("Z" + "\u0335" * 60).encode() * 10,
    "nothing": b"",
    "many words": b"word " * 400,
    "one word": b"w" * 5000,
}


@pytest.mark.parametrize("name", NASTY.values(), ids=NASTY.keys())
def test_a_model_name_is_text_and_nothing_else(name: bytes) -> None:
    """Whatever a server calls its model is shown, or escaped, or cut; it never acts on a terminal or a reader."""
    quoted = name.replace(b'"', b'\\"')
    page = GOOD.replace(b"Qwen/Qwen3-4B-Instruct-2507-FP8", quoted)
    out = _analyse(page)
    assert 1 == out["text"].count("\nFindings\n")
    figures = json.loads(out["json"])["figures"]
    assert 32 in [f["value"] for f in figures if f["id"] == "requests_finished"]


@pytest.mark.parametrize("label", ["finished_reason", "handler", "engine", "num_gpu_blocks", "version", "generation"])
def test_every_label_that_is_printed_is_neutralised(label: str) -> None:
    """Reasons, handlers, engines, versions and configuration pass the same gate as the model's name."""
    page = re.sub(rb'(%s)="[^"]*"' % label.encode(), b'\\1="\x1b[2J\xe2\x80\xae<b>[red]"', GOOD)
    assert page != GOOD
    assert _analyse(page)


def test_markup_of_the_page_is_not_markup_of_the_report() -> None:
    """The terminal library's own tags in a label are printed as they stand."""
    out = _analyse(GOOD.replace(b"Qwen/Qwen3-4B-Instruct-2507-FP8", b"acme/[bold red]x[/bold red]"))
    assert "[bold red]x[/bold red]" in out["text"]


# --------------------------------------------------------------------------------------------------- size


def test_a_label_of_200_kilobytes() -> None:
    """One absurd label costs one series, not the report."""
    out = _analyse(GOOD + LINE % (b"x" * 200_000))
    assert len(out["text"]) < 20_000
    assert len(out["json"]) < 200_000
    assert "x" * 1000 not in out["json"]


def test_a_line_made_to_be_slow() -> None:
    """Unclosed quotes, backslashes and commas without end are read once, not again and again."""
    for line in (b'vllm:x{a="' + b"\\" * 300_000, b"vllm:x{" + b'a="b",' * 60_000, b'vllm:x{a="b"' + b" " * 300_000):
        assert _analyse(GOOD + line + b"\n")


def test_fifty_thousand_series_of_as_many_models() -> None:
    """A page a hundred times the usual is reported in time; a few models are printed, the others counted."""
    lines = b"".join(LINE % b"model-%d" % i for i in range(50_000))
    text = _analyse(lines, within=20.0, forms=("text",))["text"]
    assert "… and 49,988 more; --format json has all of them." in text
    assert len(text) < 50_000


def test_every_model_has_something_wrong() -> None:
    """Work grows with the page, not with its square: 1500 models, each full, slow and queueing."""
    lines = b"".join(
        b'vllm:num_requests_waiting{model_name="m%d"} 99\n'
        b'vllm:kv_cache_usage_perc{engine="0",model_name="m%d"} 0.97\n'
        b'vllm:request_queue_time_seconds_sum{model_name="m%d"} 900\n'
        b'vllm:request_queue_time_seconds_count{model_name="m%d"} 30\n' % (i, i, i, i)
        for i in range(1500)
    )
    out = _analyse(lines, within=6.0)
    bad = [finding for finding in json.loads(out["json"])["findings"] if finding["severity"] != "ok"]
    assert 4500 == len(bad) - 1500  # and one stalled queue each
    assert len(out["text"]) < 50_000


def test_a_label_that_never_repeats() -> None:
    """Twenty thousand request ids as a label add up to one figure."""
    head = b"vllm:prompt_tokens_total"
    lines = b"".join(b'%s{model_name="a",request="%d"} 2\n' % (head, i) for i in range(20_000))
    out = _analyse(lines)
    figures = {f["id"]: f["value"] for f in json.loads(out["json"])["figures"]}
    assert 40_000 == figures["prompt_tokens"]
    assert len(out["text"]) < 20_000


def test_a_page_over_the_limit_is_refused_in_one_sentence() -> None:
    """64 MB and more is no page of /metrics."""
    assert {} == _analyse(b"# " + b"x" * 64_000_000)


# ------------------------------------------------------------------------------------------------ values


IMPOSSIBLE = [b"NaN", b"+Inf", b"-Inf", b"-1", b"-1e300", b"1e300"]


@pytest.mark.parametrize("value", [*IMPOSSIBLE, b"1e-300", b"0x10", b"1_000", b""])
def test_impossible_values_everywhere(value: bytes) -> None:
    """Every sample of the page turned into one such value: no figure is NaN, infinite or negative, and no crash."""
    page = re.sub(rb"^((?!#)[^\n]*) \S+$", rb"\1 " + value, GOOD, flags=re.M)
    out = _analyse(page)
    if value in IMPOSSIBLE:
        assert not [f for f in json.loads(out.get("json", '{"figures": []}'))["figures"] if f["id"] == "prompt_tokens"]


@pytest.mark.parametrize("value", [b"NaN", b"+Inf", b"-5", b"1e308"])
@pytest.mark.parametrize(
    "name",
    [
        b"vllm:kv_cache_usage_perc",
        b"vllm:num_requests_waiting",
        b"vllm:time_to_first_token_seconds_sum",
        b"vllm:time_to_first_token_seconds_bucket",
        b"process_start_time_seconds",
        b"http_requests_total",
    ],
)
def test_one_impossible_value_spoils_one_figure(name: bytes, value: bytes) -> None:
    """The rest of the page is still read: 32 requests had stopped."""
    page = re.sub(rb"^(%s[^\n]*) \S+$" % re.escape(name), rb"\1 " + value, GOOD, flags=re.M)
    assert page != GOOD
    figures = json.loads(_analyse(page)["json"])["figures"]
    assert 32 in [f["value"] for f in figures if f["id"] == "requests_finished"]


@pytest.mark.parametrize(
    "at", [b"-1", b"0", b"99999999999999999", b"9007199254740993000", b"1e99", b"-9e18", b"1764000000000", b"1e30"]
)
def test_times_that_can_not_be(at: bytes) -> None:
    """A sample's own time, at the beginning of time and long after its end: the figures stand, the time does not."""
    page = re.sub(rb"^((?!#)[^\n]*) (\S+)$", rb"\1 \2 " + at, GOOD, flags=re.M)
    assert page != GOOD
    out = _analyse(page)
    if out:
        assert 32 in [f["value"] for f in json.loads(out["json"])["figures"] if f["id"] == "requests_finished"]
        assert (at != b"1764000000000") == ("Sample times that cannot be right" in out["json"])


def test_a_mean_below_buckets_without_an_upper_end() -> None:
    """All observations above the last finite bound, and a sum that says otherwise: there is no highest mean to name."""
    finite = rb'^(vllm:time_to_first_token_seconds_bucket[^\n]*le="[\d.]+"[^\n]*) \S+$'
    page = re.sub(finite, rb"\1 0", GOOD, flags=re.M)
    page = re.sub(rb"^(vllm:time_to_first_token_seconds_sum[^\n]*) \S+$", rb"\1 1", page, flags=re.M)
    assert "by the buckets it is at least" in _analyse(page)["text"]


def test_configuration_that_is_no_number() -> None:
    """Blocks, sizes and shares come as text: what is no possible number gives no figure and no crash."""
    for value in (b"None", b"-1", b"nan", b"inf", b"1e999", b"", b"9" * 400, b"0", b"850; rm -rf /"):
        page = re.sub(
            rb'(num_gpu_blocks|block_size|gpu_memory_utilization|kv_cache_\w+)="[^"]*"', rb'\1="%s"' % value, GOOD
        )
        ids = {f["id"] for f in json.loads(_analyse(page)["json"])["figures"]}
        assert set() == ids & {"kv_cache_blocks", "kv_cache_capacity_tokens", "gpu_memory_utilization_ratio"}


# ------------------------------------------------------------------------------------------------- bytes


def _damaged() -> Iterator[bytes]:
    dice = random.Random(20261125)
    for _ in range(12):
        page = bytearray(GOOD)
        for _ in range(dice.randrange(1, 400)):
            place = dice.randrange(len(page))
            kind = dice.randrange(3)
            if kind == 0:
                page[place] = dice.randrange(256)
            elif kind == 1:
                del page[place : place + dice.randrange(1, 60)]
            else:
                page[place:place] = dice.randbytes(dice.randrange(1, 20))
        yield bytes(page)
    for _ in range(6):
        yield dice.randbytes(dice.randrange(1, 20_000))
    for _ in range(6):
        yield GOOD[: dice.randrange(len(GOOD))]


@pytest.mark.parametrize("page", list(_damaged()), ids=range(24))
def test_damaged_pages(page: bytes) -> None:
    """Bytes flipped, cut out and put in, noise, and pages cut anywhere: a report or a sentence."""
    _analyse(page)


@pytest.mark.parametrize(
    "given",
    [
        b"\x00" * 10_000,
        b"\n" * 100_000,
        b"{" * 100_000,
        b'"' * 100_000,
        b"#" * 100_000,
        b"vllm:x " * 20_000,
        b"\r\n" * 999,
    ],
    ids=["noughts", "lines", "braces", "quotes", "hashes", "no line end", "CRLF"],
)
def test_one_thing_many_times(given: bytes) -> None:
    """Nothing on it is a metric: exit 2, soon."""
    assert {} == _analyse(given, within=5.0)


def test_pages_glued_together_are_one_page() -> None:
    """A file with every odd page in it, several prefixes, exporters and line ends, still gives one answer."""
    pages = [path.read_bytes() for path in sorted((DATA / "oddities").glob("*.txt"))]
    assert _analyse(b"\n".join(pages))
