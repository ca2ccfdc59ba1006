"""How much of a page is read, and how long that may take."""

from __future__ import annotations

import contextlib
import gzip
import time
import tracemalloc

import pytest

from vllm_observability.pages.scrape import Limits, Page, ScrapeError, read_page

DEFAULT = Limits()
GOOD = "vllm:num_requests_running 3.0\n"


def page(text: str, limits: Limits = DEFAULT) -> Page:
    return read_page(text.encode(), limits)


def values(page: Page, name: str) -> list[float]:
    return [sample.value for sample in page.samples if sample.name == name]


def refusal(raw: bytes | str, limits: Limits) -> str:
    with pytest.raises(ScrapeError) as caught:
        read_page(raw.encode() if isinstance(raw, str) else raw, limits)
    return str(caught.value)


def test_limit_on_bytes() -> None:
    """30 bytes are read where 30 are allowed; where 29 are, the refusal names limit and setting."""
    assert 1 == len(page(GOOD, Limits(bytes=30)).samples)
    assert refusal(GOOD, Limits(bytes=29)).startswith("the page is larger than 29 bytes, the limit set by limits.bytes")


def test_limit_on_bytes_after_decompression() -> None:
    """A small file that unpacks to 100 MB is refused at the limit, without unpacking the rest."""
    bomb = gzip.compress(b"\n" * 100_000_000, 1)
    tracemalloc.start()
    assert "limits.bytes" in refusal(bomb, Limits(bytes=1_000_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def test_limit_on_series() -> None:
    """Three series are read where three are allowed; the fourth ends it, naming limit and setting."""
    assert 3 == len(page("a 1\na 2\na 3\n", Limits(series=3)).samples)
    words = refusal("a 1\na 2\na 3\na 4\n", Limits(series=3))
    assert words.startswith("the page has more than 3 series, and limits.series is 3; raise it")


def test_limit_on_lines_without_series() -> None:
    """Declarations, bad lines and remarks without end are refused too."""
    limits = Limits(series=3)
    assert refusal("".join(f"# TYPE a{i} gauge\n" for i in range(4)), limits).startswith(
        "the page has more than 3 declared families, and limits.series is 3"
    )
    assert refusal("bad\n" * 4, limits).startswith("more than 3 lines are not metrics; the first is line 1, ")
    assert refusal("\n" * 10_013, limits).startswith("the page has more than 10012 lines, and limits.series is 3")


def test_limit_on_the_length_of_a_label() -> None:
    """A value of 7 bytes passes a limit of 7; one of 8, or of 4 characters in 8 bytes, costs its line only."""
    read = page('a{b="1234567"} 1\na{b="12345678"} 2\na{b="éééé"} 3\na{b="x"} 4\n', Limits(label_bytes=7))
    assert [1.0, 4.0] == values(read, "a")
    assert [
        (2, "a label value is longer than 7 bytes, the limit set by limits.label_bytes"),
        (3, "a label value is longer than 7 bytes, the limit set by limits.label_bytes"),
    ] == [(fault.line, fault.reason) for fault in read.faults]


def test_default_limits() -> None:
    """The limits that the documentation promises."""
    assert Limits(bytes=64_000_000, series=500_000, label_bytes=16_384) == Limits()


def test_a_label_of_200_kb() -> None:
    """Somebody put a configuration into a label: the line is left out, the rest of the page is read."""
    read = page('a{b="' + "x" * 200_000 + '"} 1\n' + GOOD)
    assert [3.0] == [sample.value for sample in read.samples]
    assert "a label value is longer than 16384 bytes, the limit set by limits.label_bytes" == read.faults[0].reason


def test_a_long_label_is_read_whole() -> None:
    """Nothing is lost or added where the parser gets a long value in parts: 1501 escapes come back as such."""
    assert '"\\x\n' * 1501 == page('a{b="' + r"\"\\x\n" * 1501 + '"} 1\n').samples[0].labels["b"]


# ---------------------------------------------------------------------------------------------- speed


@pytest.mark.parametrize(
    "text",
    [
        'x{a="b" 1\n' * 100_000,
        'x{__a="b"} 1\n' * 50_000,
        "x" * 10_000_000,
        "x{" + 'a="b" ' * 1_000_000 + "\n",
        ("x{" + " " * 100_000 + "-\n") * 8,
        ("x " + "1" * 100_000 + "-\n") * 8,
        ('x{a="' + r"\"" * 50_000 + "\n") * 8,
        ("x{" + "".join(f'a{i}="",' for i in range(10_000)) + "} 1\n") * 8,
        "# TYPE " + "a" * 10_000_000 + "\n",
    ],
    ids=["labels", "reserved", "name", "pairs", "blanks", "digits", "escapes", "many labels", "type"],
)
def test_made_to_be_slow(text: str) -> None:
    """Bad lines, a hundred thousand or endless ones, take time in proportion to their size: seconds, not minutes."""
    started = time.process_time()
    with contextlib.suppress(ScrapeError):
        page(text)
    assert time.process_time() - started < 6  # about 1 at most on a machine that does nothing else


def test_a_large_page() -> None:
    """100 000 series, as one exporter of a fleet has, in seconds and with less memory than a small container has."""
    bounds = [f"{2**i}.0" for i in range(22)]
    text = "".join(
        f'vllm:family_{family}_bucket{{engine="{engine}",le="{bound}",model_name="acme/large"}} {engine}.0\n'
        for family in range(20)
        for engine in range(228)
        for bound in bounds
    )
    started = time.process_time()
    assert 100_320 == len(page(text).samples)
    assert time.process_time() - started < 6  # about 1.5 on a machine that does nothing else
