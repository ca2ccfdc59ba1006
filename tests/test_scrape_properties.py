"""Reading pages nobody thought of: rendered samples come back, bad lines cost themselves, no bytes crash it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from vllm_observability.pages.scrape import Limits, Page, Sample, ScrapeError, read_page

DATA = Path(__file__).parent / "data"
PAGES = sorted(DATA.glob("oddities/*.txt")) + sorted(DATA.glob("pages/**/*.txt"))

# No deadline: a busy machine is slow now and then. A page is expensive to invent, so there are fewer of them.
at_leisure = settings(deadline=None)
fewer = settings(deadline=None, max_examples=25)

# ---------------------------------------------------------------------------------------------- samples and their text

label_names = st.from_regex(r"\A[a-zA-Z][a-zA-Z0-9_]{0,8}\Z").filter(lambda name: name.isascii())
names = st.builds("{}{}".format, st.sampled_from(["vllm:", "ray_vllm_", ""]), label_names)
# Everything but lone surrogates, which have no UTF-8; characters that mean something to a reader come up often.
label_values = st.text(
    st.one_of(st.sampled_from('\\"\n{},=# \t\r\v\x85\u2028'), st.characters(exclude_categories=["Cs"]))
)
numbers = st.one_of(st.floats(), st.integers(-(2**53), 2**53).map(float))
samples = st.builds(
    Sample,
    name=names,
    labels=st.dictionaries(label_names, label_values, max_size=3),
    value=numbers,
    timestamp=st.none() | st.integers(-(10**12), 10**13).map(lambda ms: ms / 1000),
)
blanks = st.sampled_from(["", " ", "\t "])
some_blanks = st.sampled_from([" ", " \t"])


@st.composite
def value_texts(draw: st.DrawFn, value: float) -> str:
    """A value as some program writes it."""
    if math.isnan(value):
        return draw(st.sampled_from(["NaN", "nan"]))
    if math.isinf(value):
        return draw(st.sampled_from(["+Inf", "Inf", "inf"] if value > 0 else ["-Inf", "-inf"]))
    forms = [repr(value), f"{value:.17e}", f"{value:+.17g}"]
    return draw(st.sampled_from([*forms, str(int(value))] if value.is_integer() and 0 < abs(value) < 2**53 else forms))


@st.composite
def lines(draw: st.DrawFn, sample: Sample, openmetrics: bool = False) -> str:
    """One sample as a line, with any order of labels, blanks where they may be, and an exemplar in OpenMetrics."""
    pairs = []
    for name, value in draw(st.permutations(list(sample.labels.items()))):
        escaped = value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
        pairs.append(f'{draw(blanks)}{name}{draw(blanks)}={draw(blanks)}"{escaped}"{draw(blanks)}')
    block = ",".join(pairs) + draw(st.sampled_from(["", ","] if pairs else [""]))
    text = draw(blanks) + sample.name + (draw(blanks) + f"{{{block}}}" if block or draw(st.booleans()) else "")
    text += draw(some_blanks) + draw(value_texts(sample.value))
    if sample.timestamp is not None:
        text += draw(some_blanks) + (repr(sample.timestamp) if openmetrics else str(round(sample.timestamp * 1000)))
    if openmetrics and draw(st.booleans()):
        text += ' # {trace_id="x y"} 0.25 1771100000.5'
    return text + draw(blanks)


@st.composite
def pages(draw: st.DrawFn) -> tuple[list[Sample], list[str]]:
    """Samples, and the lines of a page that says them, with what may stand between."""
    openmetrics = draw(st.booleans())
    rows = draw(st.lists(samples, min_size=1, max_size=4))
    text: list[str] = []
    for row in rows:
        text += draw(
            st.lists(st.sampled_from(["", "# a remark", f"# HELP {row.name} words", f"# TYPE {row.name} gauge"]))
        )
        text.append(draw(lines(row, openmetrics)))
    return rows, [*text, "# EOF"] if openmetrics else text


def seen(rows: Sequence[Sample]) -> list[tuple[str, dict[str, str], float | str, float | None]]:
    """Samples in a form that can be compared: NaN is equal to itself."""
    return [(row.name, dict(row.labels), plain(row.value), row.timestamp) for row in rows]


def plain(value: float) -> float | str:
    return "NaN" if math.isnan(value) else value


def read(text: Sequence[str], end: str = "\n") -> Page:
    return read_page((end.join(text) + end).encode())


# ---------------------------------------------------------------------------------------------- claims


@fewer
@given(pages(), st.sampled_from(["\n", "\r\n"]))
def test_what_was_rendered_comes_back(page: tuple[list[Sample], list[str]], end: str) -> None:
    """Names, labels, values and times survive any escapes, order, blanks, comments, number forms and line ends."""
    rows, text = page
    got = read(text, end)
    assert seen(rows) == seen(got.samples)
    assert 0 == got.fault_count


@fewer
@given(pages(), st.data())
def test_a_bad_line_costs_only_itself(page: tuple[list[Sample], list[str]], data: st.DataObject) -> None:
    """Wherever a bad line stands, all other lines are read, and the fault has its number."""
    rows, text = page
    bad = data.draw(
        st.sampled_from(["a{", "a", 'a{b="c" 7', "a 7 x", "<html>", "{", "7", 'a{b="c",b="c"} 7', "\0", "# TYPE a"])
    )
    place = data.draw(st.integers(0, len(text)))
    got = read([*text[:place], bad, *text[place:]])
    assert seen(rows) == seen(got.samples)
    assert [place + 1] == [fault.line for fault in got.faults]


@fewer
@given(pages(), st.data())
def test_a_page_cut_anywhere_gives_no_other_values(page: tuple[list[Sample], list[str]], data: st.DataObject) -> None:
    """Of a cut page whole lines are read, in order; only the line that was cut may be missing or differ."""
    raw = ("\n".join(page[1]) + "\n").encode()
    cut = raw[: data.draw(st.integers(0, len(raw)))]
    try:
        got = read_page(cut)
    except ScrapeError:
        return
    whole = read_page(cut[: cut.rfind(b"\n") + 1] + b"marker 1\n").samples[:-1]
    assert seen(whole) == seen(got.samples[: len(whole)])
    assert len(got.samples) <= len(whole) + 1


@at_leisure
@given(st.lists(st.one_of(samples.flatmap(lines), st.text('ab{}"\\=,#1 .\t', max_size=12)), min_size=1, max_size=6))
def test_nothing_is_read_otherwise_than_the_parser_reads_it(text: list[str]) -> None:
    """Of any line that is taken, prometheus_client reads the same name, labels, value and time."""
    try:
        got = read(text)
    except ScrapeError:
        return
    left_out = {fault.line for fault in got.faults}
    kept = [
        line
        for number, line in enumerate(text, 1)
        if number not in left_out and line.strip(" \t\r")[:1] not in ("", "#")
    ]
    assert len(kept) == len(got.samples)
    for line, sample in zip(kept, got.samples, strict=True):
        if "\n" in line or " #" in line or "\t#" in line:
            continue  # exemplars are unknown to the parser's text format
        (family,) = text_string_to_metric_families(line)
        (theirs,) = family.samples
        assert (theirs.name, theirs.labels) == (sample.name, sample.labels)
        assert plain(theirs.value) == plain(sample.value)
        if "." not in line.rsplit(maxsplit=1)[-1]:
            assert theirs.timestamp == sample.timestamp


@at_leisure
@given(st.binary(max_size=300))
def test_any_bytes(raw: bytes) -> None:
    """Bytes give a page or a refusal, never another exception."""
    page_or_refusal(raw)


@at_leisure
@given(st.sampled_from(PAGES), st.integers(0, 60_000), st.binary(max_size=6), st.integers(0, 12), st.integers(1, 3000))
def test_damaged_pages(path: Path, place: int, put: bytes, lost: int, length: int) -> None:
    """A real page with some bytes replaced, lost or added is a page or a refusal."""
    raw = path.read_bytes()
    part = raw[place % len(raw) :][:length]
    middle = len(part) // 2
    page_or_refusal(part[:middle] + put + part[middle + lost :])


@given(
    st.text('a{}="\\,# 1.e+TYPEHL\t\r\n\0\x1f\u2028é', max_size=60),
    st.integers(1, 40),
    st.integers(1, 4),
    st.integers(1, 8),
)
def test_any_text_under_any_limits(text: str, size: int, series: int, label: int) -> None:
    """Whatever the limits, no more than they allow is read."""
    limits = Limits(bytes=size, series=series, label_bytes=label)
    page = page_or_refusal(text.encode(), limits)
    if page:
        assert page.size <= size
        assert len(page.samples) <= series
        assert all(len(value.encode()) <= label for sample in page.samples for value in sample.labels.values())


def page_or_refusal(raw: bytes, limits: Limits | None = None) -> Page | None:
    """The page; None after a refusal, which has to be one line that is safe to print."""
    try:
        page = read_page(raw, limits or Limits())
    except ScrapeError as error:
        refusal = str(error)
    else:
        refusal = ""
    assert refusal.isprintable()
    if refusal:
        return None
    assert len(page.faults) == min(page.fault_count, 20)
    assert all(fault.text.isprintable() and len(fault.text) <= 80 for fault in page.faults)
    assert all(1 <= fault.line <= page.lines for fault in page.faults)
    return page
