"""Exposition text -> page: prometheus_client's parser behind a front that loses a bad line, not the page around it."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# ---------------------------------------------------------------------------------------------- values


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a page is read; a busy engine's has 60 KB and 500 series."""

    # After decompression. The largest page reported for one server has 22 MB; a fleet's needs about 200 bytes a series.
    bytes: int = 64_000_000
    # For memory: about 300 bytes a series. As many lines that are no metrics, or declared families, end it too.
    series: int = 500_000
    # Of one label value, as written. The longest honest ones are lists of adapters and file paths (up to 4096); a label
    # that holds a whole configuration is the usual reason for a page of many megabytes.
    label_bytes: int = 16_384


@dataclass(frozen=True, slots=True)
class Sample:
    """One value. The timestamp is in Unix seconds in either format; equal labels may be one shared mapping."""

    name: str
    labels: Mapping[str, str]
    value: float
    timestamp: float | None


@dataclass(frozen=True, slots=True)
class Fault:
    """A line left out: its number from 1, the reason in plain words, and how it starts, safe to print."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True)
class Page:
    """What one scrape says, under the names it uses; a sample given twice is here twice.

    `types` are the declared families, `faults` the first 20 lines left out, `size` the bytes before decompression.
    """

    samples: list[Sample]
    types: dict[str, str]
    faults: tuple[Fault, ...]
    fault_count: int
    lines: int
    size: int
    openmetrics: bool


class ScrapeError(ValueError):
    """Why these bytes are no page: a plain sentence, for the caller to put the source in front of."""


# ---------------------------------------------------------------------------------------------- the shape of a line

# The parser is laxer than the format. It reads `a 1 junk 5` as 1 at 5 ms, an exemplar's time as the sample's, any
# script's digits as digits, `a{,b="c"}` as right, and it renames counters; so the front holds each line to this shape.
# Neighbouring parts never match the same character: matching stays linear on a line made to be slow.
_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_QUOTED = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_KEY = rf"(?:[a-zA-Z_][a-zA-Z0-9_]*|{_QUOTED})"
_ITEM = rf"(?:{_KEY}[ \t]*=[ \t]*)?{_QUOTED}[ \t]*"  # without a key: the metric's name, where it has to be quoted
_BLOCK = rf"[ \t]*(?:{_ITEM}(?:,[ \t]*{_ITEM})*(?:,[ \t]*)?)?"
_HEAD = rf"(?:({_NAME})[ \t]*)?(?:\{{({_BLOCK})\}}[ \t]*)?"
_NUMBER = r"[+-]?(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|(?i:inf(?:inity)?|nan))"
_TIME = r"-?[0-9]{1,18}(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,2})?"
_EXEMPLAR = r"#[ \t]*\{.*"  # neither a value nor a time

_SAMPLE = re.compile(rf"{_HEAD}(?<=[ \t}}])({_NUMBER})(?:[ \t]+({_TIME}))?(?:[ \t]+{_EXEMPLAR})?[ \t\r]*")
_START = re.compile(_HEAD)
_VALUE = re.compile(_NUMBER)
_ITEMS = re.compile(rf"(?:({_KEY})[ \t]*=[ \t]*)?({_QUOTED})")
_TYPE = re.compile(rf"#[ \t]+TYPE[ \t]+(?:({_NAME})|({_QUOTED}))[ \t]+([a-zA-Z]+)[ \t\r]*")
_DECLARES = re.compile(r"#[ \t]+TYPE\b")
_KINDS = frozenset(
    ("counter", "gauge", "summary", "histogram", "gaugehistogram", "info", "stateset", "unknown", "untyped")
)


def _lack(line: str) -> str:
    """Why a line is not of that shape."""
    start = _START.match(line)
    end = start.end() if start else 0
    rest = line[end:].split(maxsplit=1)
    if end == 0 and not line.startswith("{"):
        return "it does not start with a metric name"
    if line.startswith("{", end):
        return 'its labels are not of the form {name="value"}'
    if not rest:
        return "it has no value"
    if line[end - 1] not in " \t}":
        return "its name holds a character that names do not have"
    if not _VALUE.fullmatch(rest[0]):
        return "its value is not a number"
    return "what follows its value is not a timestamp"


# ---------------------------------------------------------------------------------------------- reading


def read_page(raw: bytes, limits: Limits = Limits()) -> Page:  # noqa: B008 (immutable)
    """A page from the bytes of one scrape, plain or gzip; ScrapeError if they are none, never another exception."""
    body = _text_bytes(raw, limits)
    whole = body.rfind(b"\n") + 1
    reader = _Reader(limits, openmetrics=any(body.startswith(m) or b"\n" + m in body for m in (b"# EOF", b"# UNIT ")))
    number = 0
    for number, line in enumerate(_lines(body[:whole]), 1):
        reader.take(number, line)
    if whole < len(body):
        number += 1
        reader.take_last(number, body[whole:].decode("utf-8", "replace"))
    reader.judge(body)
    return Page(
        samples=reader.samples,
        types=reader.types,
        faults=tuple(reader.faults),
        fault_count=reader.fault_count,
        lines=number,
        size=len(raw),
        openmetrics=reader.openmetrics,
    )


def _text_bytes(raw: bytes, limits: Limits) -> bytes:
    """The page in UTF-8, whatever way it was saved."""
    too_large = ScrapeError(
        f"the page is larger than {limits.bytes} bytes, the limit set by limits.bytes; something exports far too much "
        "(often one very long label), or the limit has to be raised"
    )
    if len(raw) > limits.bytes:
        raise too_large
    if raw.startswith(b"\x1f\x8b"):
        raw = _gunzip(raw, limits.bytes + 1)
        if len(raw) > limits.bytes:
            raise too_large
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # what `>` writes in Windows PowerShell
        raw = raw.decode("utf-16", "replace").encode()
    return raw.removeprefix(codecs.BOM_UTF8)


def _gunzip(raw: bytes, most: int) -> bytes:
    """At most `most` bytes of what was compressed, so that a small file can't fill the memory."""
    out = bytearray()
    try:
        while raw.startswith(b"\x1f\x8b") and len(out) < most:  # a file may hold several members
            member = zlib.decompressobj(wbits=31)
            out += member.decompress(raw, most - len(out))
            raw = member.unused_data
    except zlib.error:
        raise ScrapeError("the page is compressed (gzip) and the compressed data is damaged; fetch it again") from None
    return bytes(out)


def _lines(body: bytes) -> Iterator[str]:
    """Lines of a body that ends with a line end; only \\n ends one, since label values may hold \\r, \\x0b or \\u2028."""
    start = 0
    while start < len(body):
        end = body.find(b"\n", start + 1_000_000)  # decoded in parts: text takes up to four times the memory of bytes
        end = len(body) - 1 if end < 0 else end
        yield from body[start:end].decode("utf-8", "replace").split("\n")
        start = end + 1


class _Fault(Exception):
    """Why a line is left out."""


class _Reader:
    """Takes one line after another and keeps what they say."""

    def __init__(self, limits: Limits, openmetrics: bool) -> None:
        self.limits = limits
        self.openmetrics = openmetrics
        self.samples: list[Sample] = []
        self.types: dict[str, str] = {}
        self.faults: list[Fault] = []
        self.fault_count = 0
        self._value = ""  # of the latest sample, as written
        self._names: dict[str, str] = {}
        self._labels = _Labels(limits.label_bytes)
        # Beyond the longest label a line has room for some thousand others; a line of megabytes isn't even matched.
        self._longest = limits.label_bytes + 100_000

    def take(self, number: int, line: str) -> None:
        """One line, in the order of the page."""
        line = line.lstrip(" \t")
        if not line or line == "\r":
            return
        try:
            if line[0] == "#":
                self._declaration(line)
            else:
                self.samples.append(self._sample(line))
        except _Fault as reason:
            self._fault(number, str(reason), line)
        if max(len(self.samples), len(self.types), self.fault_count) > self.limits.series:
            raise ScrapeError(self._too_many())

    def take_last(self, number: int, line: str) -> None:
        """The last line, when no line end follows: it is taken unless something shows that the page was cut in it.

        A file pasted or saved by a program often lacks the last line end, so that alone proves nothing.
        """
        before, value, faults = len(self.samples), self._value, self.fault_count
        self.take(number, line)
        if self.fault_count > faults:
            if len(self.faults) == self.fault_count:
                self.faults[-1] = Fault(number, "the page ends in the middle of this line", self.faults[-1].text)
        elif len(self.samples) > before and self._cut(value):
            self.samples.pop()
            self._fault(number, "the page ends here too early, so this value may lack digits", line)

    def _cut(self, value_before: str) -> bool:
        """Whether the latest sample stands where a page can't end, or its number looks shorter than it was."""
        last = self.samples[-1]
        family, _, part = last.name.rpartition("_")
        if part == "bucket" and last.labels.get("le") != "+Inf":
            return True
        if part == "count":
            names = {sample.name for sample in self.samples}
            if family + "_bucket" in names and family + "_sum" not in names:
                return True
        # Python writes 12.0 where others write 12: after a value with a point, one without was not finished.
        return self._value.endswith(".") or ("." in value_before and self._value.isdigit())

    def _declaration(self, line: str) -> None:
        """TYPE; HELP, UNIT, EOF and remarks change nothing here, and after EOF another exporter's page may follow."""
        match = _TYPE.fullmatch(line) if len(line) < self._longest else None
        if match:
            name, quoted, kind = match[1], match[2], match[3].lower()
            if kind not in _KINDS:
                raise _Fault("it declares a type that there is not")
            # The first one counts, as in Prometheus, which refuses a second.
            self.types.setdefault(name or self._labels.metric_name(quoted), kind)
        elif _DECLARES.match(line):
            raise _Fault("it does not name a family and its type")

    def _sample(self, line: str) -> Sample:
        if len(line) > self._longest:
            raise _Fault(self._labels.too_long)
        match = _SAMPLE.fullmatch(line)
        if not match:
            # The reason is worked out for lines that are reported, not for a hundred thousand others.
            raise _Fault(_lack(line) if len(self.faults) < _REPORTED else "")
        name, block, value, time = match.groups()
        inner, labels = self._labels.read(block) if block else (None, _NONE)
        if (name is None) == (inner is None):
            raise _Fault("it has no metric name" if name is None else "it has two metric names")
        self._value = value
        name = name or inner
        return Sample(self._names.setdefault(name, name), labels, float(value), self._seconds(time))

    def _seconds(self, time: str | None) -> float | None:
        if time is None:
            return None
        # Milliseconds are whole: a fraction is OpenMetrics' seconds, also on a page cut before its EOF.
        return float(time) if self.openmetrics or not time.lstrip("-").isdigit() else int(time) / 1000

    def _fault(self, number: int, reason: str, line: str) -> None:
        self.fault_count += 1
        if len(self.faults) < _REPORTED:
            self.faults.append(Fault(number, reason, _safe(line)))

    # -------------------------------------------------------------------------------------- refusals

    def _too_many(self) -> str:
        limit = self.limits.series
        if self.fault_count > limit:
            return f"more than {limit} lines are not metrics; {self._first()}"
        what = "series" if len(self.samples) > limit else "declared families"
        return (
            f"the page has more than {limit} {what}, the limit set by limits.series; "
            "something exports far too much, or the limit has to be raised"
        )

    def _first(self) -> str:
        fault = self.faults[0]
        return f"line {fault.line} is the first: {fault.reason}: {fault.text}"

    def judge(self, body: bytes) -> None:
        """ScrapeError if what was read is not a page of metrics."""
        start = body[:1000].lstrip().lower()
        # Words in a web page can look like a sample: "Error 404".
        if start.startswith(b"<") and self.fault_count > len(self.samples) + len(self.types):
            raise ScrapeError("this is a web page (HTML), not metrics; check the address: vLLM serves them at /metrics")
        if self.samples or self.types:
            return
        if not self.faults:
            raise ScrapeError(
                "the page is empty: not one metric is on it; where several API server processes run, check that "
                "PROMETHEUS_MULTIPROC_DIR is a local directory that they can all write to"
            )
        if start.startswith((b"{", b"[")):
            raise ScrapeError("this is JSON, not metrics; check the address: vLLM serves them as text at /metrics")
        if b"\0" in start:
            raise ScrapeError("this is binary data, not a page of metrics")
        raise ScrapeError(f"no line is a metric; {self._first()}")


_REPORTED = 20
_NONE: Mapping[str, str] = {}


def _safe(line: str) -> str:
    """The start of a line without anything that a terminal would obey."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line[:80].rstrip())
    return shown[:80]


class _Labels:
    """Label sets by their text, in the parser's reading.

    The parser walks character by character, 0.1 ms for a line of vLLM's. But a page repeats itself: a hundred thousand
    series hold a few hundred different pairs, so each pair is parsed once, and each set is put together once.
    """

    def __init__(self, longest: int) -> None:
        # Imported here: the package brings an HTTP server with it, a tenth of a second for commands that read no page.
        from prometheus_client.parser import text_string_to_metric_families

        self._parse = text_string_to_metric_families
        self._most = longest
        self._pairs: dict[str, tuple[str, str]] = {}
        self._sets: dict[str, tuple[str | None, Mapping[str, str]]] = {}
        self.too_long = f"a label value is longer than {longest} bytes, the limit set by limits.label_bytes"

    def read(self, block: str) -> tuple[str | None, Mapping[str, str]]:
        """The metric name in a block, if it is there, and the labels."""
        known = self._sets.get(block)
        if known is None:
            known = self._sets[block] = self._put_together(block)
        return known

    def _put_together(self, block: str) -> tuple[str | None, Mapping[str, str]]:
        name: str | None = None
        labels: dict[str, str] = {}
        for item in _ITEMS.finditer(block):
            key, quoted = item.groups()
            if key is None:
                if name is not None or item.start() > len(block) - len(block.lstrip(" \t")):
                    raise _Fault("a label has no name")
                name = self.metric_name(quoted)
                continue
            label, value = self._pair(item[0], quoted)
            if label in labels:
                raise _Fault("a label is given twice")
            labels[label] = value
        return name, labels

    def metric_name(self, quoted: str) -> str:
        """A name in quotes, without them and its escapes."""
        return self._first(f"{{{quoted}}} 1", quoted)[0]

    def _pair(self, text: str, quoted: str) -> tuple[str, str]:
        pair = self._pairs.get(text)
        if pair is None:
            found = self._first(f"x{{{text}}} 1", quoted)[1]
            pair = self._pairs[text] = next(iter(found.items()), ("", ""))
            if not pair[0]:
                raise _Fault("a label has no name")
        return pair

    def _first(self, line: str, quoted: str) -> tuple[str, Mapping[str, str]]:
        """Name and labels of a line, as the parser reads it."""
        if len(quoted) - 2 > self._most or len(quoted.encode()) - 2 > self._most:
            raise _Fault(self.too_long)
        try:
            sample = next(iter(self._parse(line))).samples[0]
        except (ValueError, LookupError, StopIteration):
            raise _Fault("a name in it is reserved (it starts with __) or not allowed") from None
        return sample.name, sample.labels
