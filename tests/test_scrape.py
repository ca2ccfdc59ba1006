"""What is read from a page of metrics, what is left out, and what is refused."""

from __future__ import annotations

import codecs
import gzip
import math
from pathlib import Path

import pytest

from vllm_observability.pages.scrape import Fault, Limits, Page, Sample, ScrapeError, read_page

ODDITIES = Path(__file__).parent / "data" / "oddities"
DEFAULT = Limits()
GOOD = "vllm:num_requests_running 3.0\n"


def page(text: str, limits: Limits = DEFAULT) -> Page:
    return read_page(text.encode(), limits)


def oddity(start: str) -> Page:
    return read_page(next(ODDITIES.glob(f"{start}-*.txt")).read_bytes())


def values(page: Page, name: str) -> list[float]:
    return [sample.value for sample in page.samples if sample.name == name]


def refusal(raw: bytes | str, limits: Limits = DEFAULT) -> str:
    with pytest.raises(ScrapeError) as caught:
        read_page(raw.encode() if isinstance(raw, str) else raw, limits)
    return str(caught.value)


# ---------------------------------------------------------------------------------------------- lines that are read


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a 7", Sample("a", {}, 7.0, None)),
        ("a{} 7", Sample("a", {}, 7.0, None)),
        ('  \ta\t{ b = "c" , d="e" , }\t7', Sample("a", {"b": "c", "d": "e"}, 7.0, None)),
        ('a{b="c"}7', Sample("a", {"b": "c"}, 7.0, None)),
        ('a{b=""} -0.5', Sample("a", {"b": ""}, -0.5, None)),
        ("a 1.700000000000e+03", Sample("a", {}, 1700.0, None)),
        ("a 1e+010", Sample("a", {}, 1e10, None)),
        ("a .5", Sample("a", {}, 0.5, None)),
        ("a +Inf", Sample("a", {}, math.inf, None)),
        ("a -inf", Sample("a", {}, -math.inf, None)),
        (r'a{b="\\x\"y\nz"} 7', Sample("a", {"b": '\\x"y\nz'}, 7.0, None)),
        (r'a{b="C:\models"} 7', Sample("a", {"b": r"C:\models"}, 7.0, None)),
        (r'a{b="\\"} 7', Sample("a", {"b": "\\"}, 7.0, None)),
        ('a{b="}, {c=\\"d\\"} # {"} 7', Sample("a", {"b": '}, {c="d"} # {'}, 7.0, None)),
        ('a{b="x\x0by\u2028z\rw"} 7', Sample("a", {"b": "x\x0by\u2028z\rw"}, 7.0, None)),
        ('a{b="模型 é"} 7', Sample("a", {"b": "模型 é"}, 7.0, None)),
        ('{"a.b", "c d"="e"} 7', Sample("a.b", {"c d": "e"}, 7.0, None)),
        ('{"a \\"b\\""} 7', Sample('a "b"', {}, 7.0, None)),
        ("a 7 1500", Sample("a", {}, 7.0, 1.5)),
        ("a 7 -1500\t", Sample("a", {}, 7.0, -1.5)),
    ],
)
def test_a_line_means(line: str, expected: Sample) -> None:
    """Blanks, label order, escapes and ways of writing numbers don't change what a line means."""
    read = page(f"{line}\n")
    assert [expected] == read.samples
    assert 0 == read.fault_count


def test_nan_is_a_value() -> None:
    """NaN is read as such; whoever uses the value decides what to do with it."""
    assert math.isnan(page("a NaN\n").samples[0].value)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a", "it has no value"),
        ('a{b="c"}', "it has no value"),
        ("a\t", "it has no value"),
        ("a-b 7", "its name holds a character that names do not have"),
        ("7a 7", "it does not start with a metric name"),
        ("a\u0661 7", "its name holds a character that names do not have"),
        ("Internal Server Error", "its value is not a number"),
        ("a 1_000", "its value is not a number"),
        ("a 0x10", "its value is not a number"),
        ("a \u0663", "its value is not a number"),
        ("a 7,5", "its value is not a number"),
        ("a 7\u20288", "its value is not a number"),
        ("a 7 junk 5", "what follows its value is not a timestamp"),
        ("a 7 5 3", "what follows its value is not a timestamp"),
        ("a 7 NaN", "what follows its value is not a timestamp"),
        ("a 7 # comment", "what follows its value is not a timestamp"),
        ('a{b="c" 7', 'its labels are not of the form {name="value"}'),
        ('a{b="c\\"} 7', 'its labels are not of the form {name="value"}'),
        ("a{b=c} 7", 'its labels are not of the form {name="value"}'),
        ("a{b='c'} 7", 'its labels are not of the form {name="value"}'),
        ('a{b="c"d="e"} 7', 'its labels are not of the form {name="value"}'),
        ('a{,b="c"} 7', 'its labels are not of the form {name="value"}'),
        ('a{b="c",,} 7', 'its labels are not of the form {name="value"}'),
        ('a{b-c="d"} 7', 'its labels are not of the form {name="value"}'),
        ('a{b="c"}} 7', "its value is not a number"),
        ('a{b="c",b="d"} 7', "a label is given twice"),
        ('a{__b="c"} 7', "a label name starts with __, which is reserved"),
        ('a{""="c"} 7', "a label has no name"),
        ('a{b="c","d"} 7', "a label has no name"),
        ('{b="c"} 7', "it has no metric name"),
        ('a{"b"} 7', "it has two metric names"),
        ('{""} 7', "a name in it is not allowed"),
        ("# TYPE a", "it does not name a family and a type"),
        ("# TYPE a bar_chart", "it does not name a family and a type"),
        ("# TYPE a barchart", "it declares a type that does not exist"),
    ],
)
def test_a_bad_line_is_named_and_the_rest_is_read(line: str, reason: str) -> None:
    """A line that breaks the format costs itself only, and is reported with number, reason and text."""
    read = page(f"b 2\n{line}\nc 3\n")
    assert (Fault(2, reason, line.replace("\u2028", "\\u2028").rstrip()),) == read.faults
    assert [2.0, 3.0] == [sample.value for sample in read.samples]


def test_only_twenty_faults_are_kept() -> None:
    """Twenty-three bad lines: twenty are named, all are counted."""
    read = page(GOOD + "bad\n" * 23)
    assert [2, 3, 20, 21] == [read.faults[i].line for i in (0, 1, 18, 19)]
    assert (20, 23, 24) == (len(read.faults), read.fault_count, read.lines)


def test_a_fault_is_safe_to_print() -> None:
    """What a terminal would obey is spelled out, and only 80 characters are kept."""
    fault = page(GOOD + "\x1b[31mred\x07\u202e" + "x" * 100 + "\n").faults[0]
    assert r"\x1b[31mred\x07\u202e" + "x" * 59 == fault.text


# ---------------------------------------------------------------------------------------------- pages as they come


def test_blank_lines_and_crlf() -> None:
    """Windows line ends and blank lines change nothing; lines are counted as an editor counts them."""
    read = page('# TYPE a gauge\r\n\r\na{b="c"} 7\r\n \r\n\n')
    assert [Sample("a", {"b": "c"}, 7.0, None)] == read.samples
    assert ({"a": "gauge"}, 0, 5) == (read.types, read.fault_count, read.lines)


def test_crlf_page_without_total() -> None:
    """Counters keep the name they have on the page, here without `_total`."""
    read = oddity("08")
    assert [6300.0] == values(read, "vllm:prompt_tokens")
    assert [] == values(read, "vllm:prompt_tokens_total")
    assert 0 == read.fault_count


def test_declarations() -> None:
    """The first TYPE of a family counts, HELP is not needed, and a declared family needs no sample."""
    read = page(
        "# HELP a b\n# HELP a c\n# TYPE a counter\n# TYPE a gauge\n#TYPE b gauge\n# a remark\n#\n"
        '# TYPE c Histogram\n# TYPE "d.e" gauge\n# TYPE f untyped\n'
    )
    assert {"a": "counter", "c": "histogram", "d.e": "gauge", "f": "untyped"} == read.types
    assert ([], 0) == (read.samples, read.fault_count)


def test_declared_empty_page() -> None:
    """A histogram that is only declared is known by its type."""
    read = oddity("12")
    assert "histogram" == read.types["vllm:time_to_first_token_seconds"]
    assert 4 == len(read.samples)


def test_page_without_comments() -> None:
    """Neither HELP nor TYPE is needed."""
    read = oddity("06")
    assert (318, 0, {}) == (len(read.samples), read.fault_count, read.types)


def test_exponents() -> None:
    """Values written as 1.23e+04 are numbers like others."""
    assert [12300.0] == values(oddity("02"), "vllm:prompt_tokens_total")


def test_escaped_and_hostile_labels() -> None:
    """A quote, a comma, braces, a line end, a backslash, an escape sequence and a tag are one name of a model."""
    models = {sample.labels["model_name"] for sample in oddity("10").samples if "model_name" in sample.labels}
    assert {'acme/"q\\1",{v=2}\nfine\x1b[31m<script>alert(7)</script>'} == models


def test_openmetrics_page() -> None:
    """An exemplar is neither value nor time; times are seconds; EOF marks the format."""
    read = oddity("09")
    bucket = next(s for s in read.samples if s.name == "vllm:request_prompt_tokens_bucket")
    assert (0.0, 1771301234.5, "1.0") == (bucket.value, bucket.timestamp, bucket.labels["le"])
    assert {1771301234.5} == {sample.timestamp for sample in read.samples}
    assert (True, 0) == (read.openmetrics, read.fault_count)


def test_times_are_seconds_in_both_formats() -> None:
    """1771301234500 ms in plain text and 1771301234.5 s in OpenMetrics are the same instant."""
    text = page("a 7 1771301234500\n")
    openmetrics = page("a 7 1771301234.5\nb 7 1771301235\nc 7 1.771301236e+09\n# EOF\n")
    assert [1771301234.5] == [sample.timestamp for sample in text.samples]
    assert [1771301234.5, 1771301235, 1771301236] == [sample.timestamp for sample in openmetrics.samples]
    assert (False, True) == (text.openmetrics, openmetrics.openmetrics)


def test_openmetrics_cut_before_its_eof() -> None:
    """A time with a fraction can only be OpenMetrics' seconds."""
    assert [1771301234.5] == [sample.timestamp for sample in page("a 7 1771301234.5\n").samples]


def test_another_page_after_eof() -> None:
    """What an exporter behind a multiplexer appends after EOF is read too."""
    assert ["a", "b"] == [sample.name for sample in page("a 7\n# EOF\nb 8\n").samples]


def test_several_exporters() -> None:
    """Other programs' samples and times are read as they stand; nothing is left out here."""
    read = oddity("20")
    gpu = next(sample for sample in read.samples if sample.name == "DCGM_FI_DEV_FB_USED")
    assert (61234.0, 1771301234.0) == (gpu.value, gpu.timestamp)
    assert [99999.0] == values(read, "prompt_tokens_total")


def test_a_sample_given_twice_is_kept_twice() -> None:
    """Whether two values for one series matter is for the reader of the page to say."""
    assert [1.0, 2.0] == values(page("a 1\na 2\n"), "a")


@pytest.mark.parametrize(
    "raw",
    [
        codecs.BOM_UTF8 + GOOD.encode(),
        GOOD.encode("utf-16"),
        codecs.BOM_UTF16_BE + GOOD.encode("utf-16-be"),
        gzip.compress(GOOD.encode()),
        gzip.compress(GOOD[:9].encode()) + gzip.compress(GOOD[9:].encode()),
    ],
    ids=["utf-8 mark", "utf-16 from PowerShell", "utf-16 big endian", "gzip", "gzip in two parts"],
)
def test_saved_in_another_way(raw: bytes) -> None:
    """A byte order mark, UTF-16 and gzip are undone; `size` stays what was received."""
    read = read_page(raw)
    assert [3.0] == values(read, "vllm:num_requests_running")
    assert (len(raw), 0) == (read.size, read.fault_count)


def test_invalid_utf8_in_a_label() -> None:
    """A byte that is no text costs neither the sample nor the page."""
    assert [{"b": "x\ufffdy"}] == [sample.labels for sample in read_page(b'a{b="x\xffy"} 7\n').samples]


def test_nul_in_a_label() -> None:
    """A NUL inside quotes is a character like others."""
    assert [{"b": "\0"}] == [sample.labels for sample in read_page(b'a{b="\0"} 7\n').samples]


# ---------------------------------------------------------------------------------------------- cut pages


def test_cut_last_line() -> None:
    """Everything before the cut counts; the line that was cut is named."""
    read = oddity("11")
    cut = 'vllm:e2e_request_latency_seconds_bucket{engine="0",l'
    assert (1, cut) == (read.fault_count, read.faults[0].text)
    assert read.faults[0].reason.endswith("; the page ends here, in the middle of a line")
    assert [0, 0, 0, 0, 18, 18, 45, 81] == values(read, "vllm:e2e_request_latency_seconds_bucket")


@pytest.mark.parametrize(
    "last",
    [
        "b 7",
        "b 7.5",
        "b 7\r",
        'h_bucket{le="+Inf"} 7',
        "h_sum 7.5",
        "b_count 7",
        "# EOF",
    ],
)
def test_a_missing_last_line_end_alone_costs_nothing(last: str) -> None:
    """Pasted pages often lack the last line end; without another sign of a cut the last line counts."""
    read = page(f"a 5\n{last}")
    assert ([], 2) == ([fault.reason for fault in read.faults], read.lines)
    assert ("#" not in last) == (len(read.samples) == 2)


@pytest.mark.parametrize(
    ("before", "last"),
    [
        ("a 5.0", "b 1"),
        ("a 5.0", "b -1"),
        ("a 5", "b 1."),
        ("a 5", "b 1.5e+0"),
        ("a 5 1771301234500", "b 12"),
        ("a 5 1771301234500", "b 1234 17713"),
        ('h_bucket{le="1"} 5', 'h_bucket{le="2"} 6'),
        ('h_bucket{le="+Inf"} 5', "h_count 5"),
    ],
    ids=[
        "no point, unlike its neighbour",
        "negative, no point",
        "nothing after the point",
        "half an exponent",
        "no time, unlike its neighbour",
        "half a time",
        "histogram without +Inf",
        "histogram without sum",
    ],
)
def test_a_number_that_may_lack_digits_is_not_believed(before: str, last: str) -> None:
    """Without a last line end, and with a sign of a cut, the last number may be a tenth of the real one."""
    read = page(f"{before}\n{last}")
    assert "its value may lack digits; the page ends here, in the middle of a line" == read.faults[0].reason
    assert 1 == len(read.samples)
    assert 2 == len(page(f"{before}\n{last}\n").samples)


# ---------------------------------------------------------------------------------------------- no pages


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "the page is empty"),
        (b" \r\n\n", "the page is empty"),
        (b"# EOF\n", "the page is empty"),
        (b"\n <!DOCTYPE html>\n<title>vLLM</title>\nError 404\n", "this is a web page (HTML), not metrics"),
        (b'{"status": "success"}', "this is JSON, not metrics"),
        (b"[\n 1\n]\n", "this is JSON, not metrics"),
        (b"\x7fELF\0\0\0\n\1\2", "this is binary data, not metrics"),
        (gzip.compress(GOOD.encode())[:-9], "the page is compressed (gzip) and breaks off before its end"),
        (gzip.compress(GOOD.encode()) + b"\x1f\x8b", "the page is compressed (gzip) and breaks off before its end"),
        (b"\x1f\x8b\x08\x00garbage, not gzip", "the page is compressed (gzip) and its data is damaged"),
        (
            b"Not Found",
            "no line of the page is a metric; the first is line 1, its value is not a number; the page ends here, "
            "in the middle of a line: Not Found",
        ),
        (
            b"\nno healthy upstream\n",
            "no line of the page is a metric; the first is line 2, its value is not a number: no healthy upstream",
        ),
    ],
)
def test_what_is_no_page_is_called_by_its_name(raw: bytes, words: str) -> None:
    """Whoever points at the wrong thing is told what it is."""
    assert refusal(raw).startswith(words)


def test_metrics_inside_a_web_page_are_read() -> None:
    """A page that some program wraps in a little HTML still holds its metrics."""
    assert 3 == len(page("<pre>\na 1\nb 2\nc 3\n</pre>\n").samples)
