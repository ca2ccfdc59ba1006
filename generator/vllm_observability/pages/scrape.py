"""Exposition text -> page: prometheus_client's parser behind a front that loses a bad line, not the page around it."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vllm_observability.words.phrases import visible

# ---------------------------------------------------------------------------------------------- values


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a page is read; a busy engine's has 60 KB and 500 series.

    bytes: after decompression. The largest page reported for one server has 22 MB; a fleet's needs about 200 bytes a
        series.
    series: a limit of memory, 300 to 900 bytes a series. As many declared families, or lines that are not metrics, are
        refused too.
    label_bytes: of one label value, as written. The longest honest ones are lists of adapters and file paths (up to
        4096); a label that holds a whole configuration is the usual reason for a page of many megabytes.
    """

    bytes: int = 64_000_000
    series: int = 500_000
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
    """Why these bytes are no page: a plain sentence, for the caller to put the source in front of.

    `quoted` is what of it is the page's own text.
    """

    def __init__(self, text: str, quoted: str = "") -> None:
        super().__init__(text)
        self.quoted = quoted


# ---------------------------------------------------------------------------------------------- the shape of a line

# The parser is laxer than the format: it reads `a 1 junk 5` as 1 at 5 ms, an exemplar's time as the sample's, any
# script's digits as digits, and it renames counters. So the front holds each line to this shape and cuts it up.
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
_PIECE = re.compile(r"(?:[^\\]|\\.){1,500}")  # of a label value; an escape stays in one piece
_UNFINISHED = re.compile(r".*(?:\.|[eE][+-]?[0-9])")  # numbers that no program writes: 12. and 1.5e+0
_KINDS = frozenset(
    ("counter", "gauge", "summary", "histogram", "gaugehistogram", "info", "stateset", "unknown", "untyped")
)


def _lack(line: str) -> str:
    """Why a line is not of that shape."""
    start = _START.match(line)
    end = start.end() if start else 0
    rest = line[end:].replace("\t", " ").rstrip(" \r").split(" ", 1)
    if end == 0 and not line.startswith("{"):
        return "it does not start with a metric name"
    if line.startswith("{", end):
        return 'its labels are not of the form {name="value"}'
    if not rest[0]:
        return "it has no value"
    if line[end - 1] not in " \t}":
        return "its name holds a character that names do not have"
    if not _VALUE.fullmatch(rest[0]):
        return "its value is not a number"
    return "what follows its value is not a timestamp"


# ---------------------------------------------------------------------------------------------- reading

_REPORTED = 20  # faults a page keeps; the rest are counted
_NO_LABELS: Mapping[str, str] = {}


def read_page(raw: bytes, limits: Limits = Limits()) -> Page:
    """A page from the bytes of one scrape, plain or gzip; ScrapeError if they are none, never another exception."""
    body = _utf8(raw, limits)
    reader = _Reader(limits, openmetrics=any(body.startswith(m) or b"\n" + m in body for m in (b"# EOF", b"# UNIT ")))
    whole = body.rfind(b"\n") + 1
    number = 0
    for number, line in enumerate(_lines(body, whole), 1):
        reader.take(number, line)
    if whole < len(body):
        number += 1
        reader.take(number, body[whole:].decode("utf-8", "replace"), last=True)
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


def _utf8(raw: bytes, limits: Limits) -> bytes:
    """The text of a page, however it was saved."""
    too_large = ScrapeError(
        f"the page is larger than {limits.bytes} bytes, the limit set by limits.bytes; raise it, or look for what "
        "exports so much: often it is one very long label"
    )
    if len(raw) > limits.bytes:
        raise too_large
    if raw.startswith(_GZIP):
        raw = _gunzip(raw, limits.bytes + 1)
        if len(raw) > limits.bytes:
            raise too_large
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # what `>` writes in Windows PowerShell
        raw = raw.decode("utf-16", "replace").encode()
    return raw.removeprefix(codecs.BOM_UTF8)


_GZIP = b"\x1f\x8b"
_PACKED = 16_384  # bytes that are unpacked at a time
_MOST_MEMBERS = 10_000  # each is cut off from what follows by a copy: millions of them would take minutes


class Gunzip:
    """Unpacks gzip that comes in parts: any number of members, as proxies and `cat` join them, zero bytes after them.

    zlib.error where the data is damaged.
    """

    def __init__(self) -> None:
        self._member: zlib._Decompress | None = None
        self._begun = 0
        self._left = b""

    @property
    def whole(self) -> bool:
        """Whether what came so far ends where a member ends; nothing at all is whole."""
        return self._member is None and not self._left

    def take(self, part: bytes, most: int) -> bytes:
        """What a part unpacks to, no more than about `most` bytes: a small answer can't fill the memory."""
        part, self._left = self._left + part, b""
        out = bytearray()
        while part and len(out) < most:
            if self._member is None:
                if self._begun and not part.strip(b"\0"):
                    break  # padding
                if len(part) < len(_GZIP) and _GZIP.startswith(part):
                    self._left = part
                    break
                self._begun += 1
                if self._begun > _MOST_MEMBERS:
                    raise zlib.error("too many members")
                self._member = zlib.decompressobj(wbits=31)
            out += self._member.decompress(part, most - len(out))
            part = self._member.unused_data or self._member.unconsumed_tail
            if self._member.eof:
                self._member = None
        return bytes(out)


def _gunzip(raw: bytes, most: int) -> bytes:
    """What was compressed, no more than `most` bytes of it."""
    packed, out = Gunzip(), bytearray()
    try:
        for start in range(0, len(raw), _PACKED):
            out += packed.take(raw[start : start + _PACKED], most - len(out))
            if len(out) >= most:
                return bytes(out)
    except zlib.error:
        raise ScrapeError("the page is compressed (gzip) and its data is damaged; fetch or save it again") from None
    if not packed.whole:
        raise ScrapeError("the page is compressed (gzip) and breaks off before its end; fetch or save it again")
    return bytes(out)


def _lines(body: bytes, end: int) -> Iterator[str]:
    """Lines up to `end`, where a line ends. Only \\n ends one: label values may hold \\r, \\x0b or \\u2028."""
    start = 0
    while start < end:
        # In parts, since decoded text takes up to four times the memory.
        stop = body.find(b"\n", min(start + 1_000_000, end - 1))
        yield from body[start:stop].decode("utf-8", "replace").split("\n")
        start = stop + 1


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
        self._latest = ("", "")  # value and time of the latest sample, as written
        self._names: dict[str, str] = {}
        self._labels = _Labels(limits.label_bytes)
        # Next to the longest label there is room for thousands of others; a longer line isn't even matched.
        self._longest = limits.label_bytes + 100_000
        # A family has two or three lines of comment; many more than samples would only cost time.
        self._most_lines = 4 * limits.series + 10_000

    def take(self, number: int, line: str, last: bool = False) -> None:
        """One line, in the order of the page; `last` if the page ends without ending it.

        Such a line is taken unless something shows that the page was cut in it: files that were pasted, or written by
        a program, often lack the last line end, so that alone proves nothing.
        """
        line = line.lstrip(" \t")
        if line and line != "\r":
            before = self._latest
            try:
                if line[0] == "#":
                    self._declare(line)
                else:
                    sample = self._sample(line)
                    if last and self._cut(sample, before):
                        raise _Fault("its value may lack digits")
                    self.samples.append(sample)
            except _Fault as fault:
                self.fault_count += 1
                if len(self.faults) < _REPORTED:
                    reason = f"{fault}; the page ends here, in the middle of a line" if last else str(fault)
                    self.faults.append(Fault(number, reason, printable(line.rstrip(), 80)))
        most = self.limits.series
        if len(self.samples) > most or len(self.types) > most or self.fault_count > most or number > self._most_lines:
            raise ScrapeError(self._too_many(), self.faults[0].text if self.faults else "")

    def _declare(self, line: str) -> None:
        """TYPE; nothing hangs on HELP, UNIT and remarks, and after EOF another exporter's page may follow."""
        match = _TYPE.fullmatch(line) if len(line) <= self._longest else None
        if match:
            name, quoted, kind = match.groups()
            if kind.lower() not in _KINDS:
                raise _Fault("it declares a type that does not exist")
            # The first counts, as Prometheus refuses a second.
            self.types.setdefault(name or self._labels.metric_name(quoted), kind.lower())
        elif _DECLARES.match(line):
            raise _Fault("it does not name a family and a type")

    def _sample(self, line: str) -> Sample:
        if len(line) > self._longest:
            raise _Fault(self._labels.too_long)
        match = _SAMPLE.fullmatch(line)
        if not match:
            # Worked out only where it is shown: a page can have a hundred thousand such lines.
            raise _Fault(_lack(line) if len(self.faults) < _REPORTED else "")
        name, block, value, time = match.groups()
        labels = _NO_LABELS
        if block:
            inner, labels = self._labels.read(block)
            if inner is not None and name is not None:
                raise _Fault("it has two metric names")
            name = inner if name is None else name
        if name is None:
            raise _Fault("it has no metric name")
        self._latest = (value, time or "")
        return Sample(self._names.setdefault(name, name), labels, float(value), self._seconds(time))

    def _seconds(self, time: str | None) -> float | None:
        if time is None:
            return None
        # Milliseconds are whole: a fraction is OpenMetrics' seconds, also on a page cut before its EOF.
        return float(time) if self.openmetrics or not time.lstrip("-").isdigit() else int(time) / 1000

    def _cut(self, sample: Sample, before: tuple[str, str]) -> bool:
        """Whether a page can't end with this sample, or its number looks unfinished next to the one before."""
        family, _, part = sample.name.rpartition("_")
        if part == "bucket" and sample.labels.get("le") != "+Inf":
            return True
        if part == "count":
            names = {s.name for s in self.samples}
            if family + "_bucket" in names and family + "_sum" not in names:
                return True
        value, time = self._latest
        if time or before[1]:
            return len(time) < len(before[1])
        # Python writes 12.0 where others write 12.
        return bool(_UNFINISHED.fullmatch(value)) or ("." in before[0] and value.lstrip("+-").isdigit())

    def _too_many(self) -> str:
        most = self.limits.series
        if self.fault_count > most:
            return f"more than {most} lines are not metrics; {self._first()}"
        if len(self.samples) > most:
            what = f"{most} series"
        elif len(self.types) > most:
            what = f"{most} declared families"
        else:
            what = f"{self._most_lines} lines"
        return f"the page has more than {what}, and limits.series is {most}; raise it, or look for what exports so much"

    def _first(self) -> str:
        fault = self.faults[0]
        return f"the first is line {fault.line}, {fault.reason}: {fault.text}"

    def judge(self, body: bytes) -> None:
        """ScrapeError if what was read is no page of metrics."""
        start = body[:1000].lstrip().lower()
        # Words of a web page can look like a sample: "Error 404".
        if start.startswith(b"<") and self.fault_count > len(self.samples) + len(self.types):
            raise ScrapeError("this is a web page (HTML), not metrics; check the address: vLLM serves them at /metrics")
        if self.samples or self.types:
            return
        if not self.faults:
            raise ScrapeError(
                "the page is empty: there is no metric on it; where several API server processes run, check that "
                "PROMETHEUS_MULTIPROC_DIR is a local directory that all of them can write to"
            )
        if start.startswith((b"{", b"[")):
            raise ScrapeError("this is JSON, not metrics; check the address: vLLM serves them as text at /metrics")
        if b"\0" in start:
            raise ScrapeError("this is binary data, not metrics")
        raise ScrapeError(f"no line of the page is a metric; {self._first()}", self.faults[0].text)


def printable(text: str, most: int) -> str:
    """The start of a text from elsewhere, without anything that a terminal would obey or a reader not see."""
    plain = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:most])
    return visible(plain)[:most]


# ---------------------------------------------------------------------------------------------- labels


class _Labels:
    """Label sets by their text, in the parser's reading.

    The parser walks character by character, 0.1 ms for a line of vLLM's. But a page repeats itself: a hundred thousand
    series hold some hundred different pairs, so a pair is parsed once, and a set of them put together once.
    """

    def __init__(self, longest: int) -> None:
        # Imported here: with the package comes an HTTP server, a tenth of a second for commands that read no page.
        from prometheus_client.parser import text_string_to_metric_families

        self._parse = text_string_to_metric_families
        self._most = longest
        self._pairs: dict[str, tuple[str, str]] = {}
        self._sets: dict[str, tuple[str | None, Mapping[str, str]]] = {}
        self.too_long = f"a label value is longer than {longest} bytes, the limit set by limits.label_bytes"

    def read(self, block: str) -> tuple[str | None, Mapping[str, str]]:
        """The metric name in a block, if there is one, and the labels."""
        known = self._sets.get(block)
        if known is None:
            known = self._sets[block] = self._put_together(block)
        return known

    def metric_name(self, quoted: str) -> str:
        """What a name in quotes is without them."""
        if len(quoted) > self._most:
            raise _Fault("its name is too long")
        return self._one(f"{{{quoted}}} 1")[0]

    def _put_together(self, block: str) -> tuple[str | None, Mapping[str, str]]:
        name: str | None = None
        labels: dict[str, str] = {}
        for item in _ITEMS.finditer(block):
            key, quoted = item.groups()
            if key is None:
                if name is not None or labels:
                    raise _Fault("a label has no name")
                name = self.metric_name(quoted)
            else:
                label, value = self._pairs.get(item[0]) or self._pair(item[0], key, quoted[1:-1])
                if label in labels:
                    raise _Fault("a label is given twice")
                labels[label] = value
        return name, labels

    def _pair(self, text: str, key: str, value: str) -> tuple[str, str]:
        if len(value) > self._most or len(key) > self._most or len(value.encode()) > self._most:
            raise _Fault(self.too_long)
        if key.startswith("__"):
            raise _Fault("a label name starts with __, which is reserved")
        # In pieces, because the parser copies all that stands before an escaped quote, for every one of them.
        parts = [self._one(f'x{{{key}="{piece}"}} 1')[1] for piece in _PIECE.findall(value) or [""]]
        label = next(iter(parts[0]), "")
        if not label:
            raise _Fault("a label has no name")
        pair = self._pairs[text] = (label, "".join(part[label] for part in parts))
        return pair

    def _one(self, line: str) -> tuple[str, Mapping[str, str]]:
        """Name and labels on a line, as the parser reads it."""
        try:
            sample = next(iter(self._parse(line))).samples[0]
        except (ValueError, LookupError, StopIteration):
            raise _Fault("a name in it is not allowed") from None
        return sample.name, sample.labels
