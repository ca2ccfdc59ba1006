"""Samples into a Prometheus by remote write, histograms as it would store them: promtool can write numbers only."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import httpx

from harness.programs import Line, Server, layers, running_prometheus
from vllm_observability.catalog import metrics as m
from vllm_observability.model import Kind, Part
from vllm_observability.queries.promql import VLLM
from vllm_observability.queries.recorded import bounds_of
from vllm_observability.settings import Settings

Stored = Literal["classic", "native", "both"]
Labels = tuple[tuple[str, str], ...]  # sorted, the name among them
BATCH = 500  # series in one request
TOGETHER = 600.0  # seconds whose samples are sent together: far less than what Prometheus takes after newer ones

_LINE = re.compile(r"(?P<name>[^{ ]+)(?:{(?P<labels>.*)})? (?P<value>\S+) (?P<at>[\d.]+)")
_LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"')
_PARTS = {
    name: part for metric in m.ALL if metric.kind is Kind.HISTOGRAM for part in metric.parts
    for name in metric.series(part)
}  # fmt: skip


@dataclass(frozen=True)
class Native:
    """A native histogram with bounds of its own: observations up to each, all of them, their sum."""

    bounds: tuple[float, ...]
    counts: tuple[float, ...]  # one more than bounds, not cumulative
    sum: float


Value = float | Native
Series = dict[Labels, dict[float, Value]]  # at a time in Unix seconds


def series_of(openmetrics: Iterable[str]) -> Series:
    """Samples as `backfill` takes them."""
    found: Series = {}
    known: dict[str, Labels] = {}
    for line in openmetrics:
        match = _LINE.fullmatch(line.rstrip("\n"))
        if match is None:
            continue
        key = line.rsplit(" ", 2)[0]
        if key not in known:
            pairs = [
                (label, re.sub(r"\\(.)", _unescaped, text)) for label, text in _LABEL.findall(match["labels"] or "")
            ]
            known[key] = tuple(sorted([("__name__", match["name"]), *pairs]))
        found.setdefault(known[key], {})[float(match["at"])] = float(match["value"])
    return found


def _unescaped(match: re.Match[str]) -> str:
    return "\n" if match[1] == "n" else match[1]


def in_whole_numbers(series: Series) -> Series:
    """Every bucket with whole observations: one that fell by a rounding would be a restart, of a native histogram."""
    found = {labels: dict(samples) for labels, samples in series.items()}
    buckets: dict[Labels, dict[float, Labels]] = {}
    for labels in series:
        own = dict(labels)
        if "le" in own and _part(own["__name__"]) is Part.BUCKET:
            buckets.setdefault(_without_le(own), {})[_bound(own["le"])] = labels
    for key, by_bound in buckets.items():
        counted = tuple(sorted({**dict(key), "__name__": dict(key)["__name__"] + Part.COUNT.value}.items()))
        before = dict.fromkeys(by_bound, 0.0)
        for at in sorted(series[by_bound[math.inf]]):
            below = total = 0.0
            for bound in sorted(by_bound):
                up_to = series[by_bound[bound]][at]
                assert isinstance(up_to, float)
                own_count = float(math.floor(up_to - below))
                before[bound] = before[bound] if before[bound] == own_count + 1 else own_count
                total, below = total + before[bound], up_to
                found[by_bound[bound]][at] = total
            if counted in found:
                found[counted][at] = total
    return found


def stored(series: Series, how: Callable[[Mapping[str, str], float], Stored]) -> Series:
    """Histograms as a Prometheus stores them that converts as it scrapes; `how` says it by labels and time."""
    found: Series = {}
    parts: dict[Labels, dict[float, dict[tuple[Part, float], float]]] = {}
    for labels, samples in series.items():
        own = dict(labels)
        part = _part(own["__name__"])
        for at, value in samples.items():
            kept = "classic" if part is None else how(own, at)
            if kept != "native":
                found.setdefault(labels, {})[at] = value
            if kept != "classic" and part is not None and isinstance(value, float):
                bound = _bound(own["le"]) if "le" in own else 0.0
                parts.setdefault(_without_le(own), {}).setdefault(at, {})[part, bound] = value
    return found | {key: {at: _native(held) for at, held in times.items()} for key, times in parts.items()}


def _part(name: str) -> Part | None:
    return _PARTS.get(re.sub(r"^\w*vllm[:_]", VLLM, name))


def _without_le(own: Mapping[str, str]) -> Labels:
    """The labels of the native histogram that a series is a part of."""
    part = _part(own["__name__"]) or Part.VALUE
    whole = {**own, "__name__": own["__name__"].removesuffix(part.value)}
    return tuple(sorted(pair for pair in whole.items() if pair[0] != "le"))


def _bound(le: str) -> float:
    return float(le.replace("Inf", "inf"))


def _native(held: Mapping[tuple[Part, float], float]) -> Native:
    bounds = sorted(bound for part, bound in held if part is Part.BUCKET and bound != math.inf)
    below = [0.0, *(held[Part.BUCKET, bound] for bound in bounds)]
    total = held.get((Part.BUCKET, math.inf), held.get((Part.COUNT, 0.0), below[-1]))
    counts = [after - before for before, after in pairwise([*below, total])]
    return Native(tuple(bounds), tuple(counts), held.get((Part.SUM, 0.0), 0.0))


# ----------------------------------------------------------------------------------------------- writing


def write(url: str, series: Series) -> None:
    """Every sample, oldest first; AssertionError where the server does not take one."""
    _send(url, [(_labels(labels), samples) for labels, samples in series.items()])


def write_copies(url: str, series: Series, servers: Sequence[tuple[str, str]]) -> None:
    """The samples of one server as those of many, each with its instance and its model."""
    encoded = [
        (labels, {at: _sample(at, value) for at, value in samples.items()}) for labels, samples in series.items()
    ]
    for instance, model in servers:
        own = {"instance": instance, "model_name": model}
        _send(url, [(_labels(tuple((k, own.get(k, v)) for k, v in labels)), samples) for labels, samples in encoded])


def _labels(labels: Labels) -> bytes:
    return b"".join(_field(1, _field(1, key.encode()) + _field(2, value.encode())) for key, value in labels if value)


def _send(url: str, series: Sequence[tuple[bytes, Mapping[float, Value | bytes]]]) -> None:
    by_time: dict[float, list[bytes]] = {}
    for head, samples in series:
        rows: dict[float, list[bytes]] = {}
        for at, value in sorted(samples.items(), key=lambda pair: pair[0]):
            rows.setdefault(at // TOGETHER, []).append(value if isinstance(value, bytes) else _sample(at, value))
        for span, row in rows.items():
            by_time.setdefault(span, []).append(_field(1, head + b"".join(row)))
    with httpx.Client(trust_env=False, verify=False, timeout=60) as client:
        for _, found in sorted(by_time.items()):
            for start in range(0, len(found), BATCH):
                _post(client, url, b"".join(found[start : start + BATCH]))


def _post(client: httpx.Client, url: str, message: bytes) -> None:
    headers = {"Content-Encoding": "snappy", "X-Prometheus-Remote-Write-Version": "0.1.0"}
    headers["Content-Type"] = "application/x-protobuf"
    answer = client.post(f"{url}/api/v1/write", content=_snappy(message), headers=headers)
    assert answer.is_success, answer.text[:500]


def _sample(at: float, value: Value) -> bytes:
    when = round(at * 1000)
    if not isinstance(value, Native):
        return _field(2, _double(1, value) + _number(2, when))
    spans = _field(11, _number(1, 0) + _number(2, len(value.counts)))
    counts = b"".join(struct.pack("<d", count) for count in value.counts)
    bounds = b"".join(struct.pack("<d", bound) for bound in value.bounds)
    schema = _number(4, _zigzag(-53))
    return _field(
        4,
        _double(2, math.fsum(value.counts)) + _double(3, value.sum) + schema + _double(7, 0.0) + spans
        + _field(13, counts) + _number(15, when) + _field(16, bounds),
    )  # fmt: skip


def _varint(number: int) -> bytes:
    if number < 0x80:  # most are
        return _SMALL[number]
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


_SMALL = [bytes([number]) for number in range(0x80)]


def _zigzag(number: int) -> int:
    return number * 2 if number >= 0 else -number * 2 - 1


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _double(field: int, value: float) -> bytes:
    return _varint(field << 3 | 1) + struct.pack("<d", value)


def _field(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _snappy(raw: bytes) -> bytes:
    """Framed as Snappy's blocks, without compressing."""
    out = bytearray(_varint(len(raw)))
    for start in range(0, len(raw), 65536):
        chunk = raw[start : start + 65536]
        out += b"\xf4" + struct.pack("<H", len(chunk) - 1) + chunk
    return bytes(out)


# --------------------------------------------------------------------------------------------- recording


def record(
    server: Server,
    rules: Sequence[Mapping[str, Any]],
    start: float,
    end: float,
    step: float = 30,
    of: tuple[str, str] | None = None,
) -> None:
    """What recording rules would have recorded, native histograms too; a reader comes after what it reads.

    `of`: only of series with this label.
    """
    for layer in layers([dict(rule) for rule in rules if "record" in rule]):
        written: Series = {}
        for rule in layer:
            metric = m.BY_ID.get(rule["record"].split(":")[1].removeprefix("vllm_"))
            bounds = bounds_of(metric, Settings()) if metric else ()
            for labels, samples in values(server, rule["expr"], start, end, step, bounds).items():
                own = {**dict(labels), "__name__": rule["record"], **rule.get("labels", {})}
                if of and own.get(of[0]) != of[1]:
                    continue
                written.setdefault(tuple(sorted(own.items())), {}).update(samples)
        write(server.url, written)


def values(server: Server, promql: str, start: float, end: float, step: float, bounds: Sequence[float] = ()) -> Series:
    """Samples of each series of a range query, native histograms too, which have these bounds at least."""
    form = {"query": promql, "start": repr(start), "end": repr(end), "step": repr(step)}
    found: Series = {}
    for row in server.ask("query_range", form)["result"]:
        own = found.setdefault(tuple(sorted(row["metric"].items())), {})
        own.update({float(at): float(value) for at, value in row.get("values", ())})
        own.update({float(at): _answered(value, bounds) for at, value in row.get("histograms", ())})
    return found


def _answered(value: Mapping[str, Any], bounds: Sequence[float]) -> Native:
    """The API leaves out buckets that hold nothing; of the others it tells both bounds."""
    buckets = [(float(low), float(high), float(n)) for _, low, high, n in value.get("buckets", ())]
    ends = sorted({*bounds, *(bound for low, high, _ in buckets for bound in (low, high) if math.isfinite(bound))})
    held = {high: n for _, high, n in buckets}
    return Native(tuple(ends), tuple(held.get(end, 0.0) for end in (*ends, math.inf)), float(value["sum"]))


@contextmanager
def receiving(directory: Path, line: Line, late: str = "0s") -> Iterator[Server]:
    """A Prometheus that takes remote writes, native histograms too; `late`: so much older than the newest."""
    flags = ("--web.enable-remote-write-receiver", "--enable-feature=native-histograms")
    with running_prometheus(directory, line=line, arguments=flags, late=late) as server:
        yield server
