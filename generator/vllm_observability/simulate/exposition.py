"""Ledgers as the page that a vLLM version would show: names, labels, buckets and types from the catalogue."""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal, TypeAlias

from prometheus_client.core import Metric as Family
from prometheus_client.utils import floatToGoString as go_float

from vllm_observability.catalog import metrics as m
from vllm_observability.model import Kind, Metric, Name, Owner, Part, version_key
from vllm_observability.queries.promql import VLLM
from vllm_observability.simulate.hardware import Hardware
from vllm_observability.simulate.ledger import Cell, Histogram, Ledger, Own

Generation = Literal["V0", "V1"]

# Values that V1 shows from the start, at 0, with the first version that has them.
_ENUMERATED: Mapping[str, tuple[str, Mapping[str, str]]] = {
    m.REQUEST_SUCCESS.id: ("finished_reason", {
        "stop": "0.4.2", "length": "0.4.2", "abort": "0.4.2", "error": "0.13.0", "repetition": "0.18.0"}),
    m.REQUESTS_WAITING_BY_REASON.id: ("reason", dict.fromkeys(("capacity", "deferred"), "0.20.0")),
    m.PROMPT_TOKENS_BY_SOURCE.id: ("source", dict.fromkeys(
        ("local_compute", "local_cache_hit", "external_kv_transfer"), "0.16.0")),
    m.PROMPT_TOKENS_CACHED_BY_SOURCE.id: ("source", dict.fromkeys(
        ("device", "host", "p2p", "disk", "external_unspecified"), "0.32.0")),
    m.ENGINE_SLEEP_STATE.id: ("sleep_state", dict.fromkeys(("awake", "weights_offloaded", "discard_all"), "0.12.0")),
    m.ADMISSION_REJECTIONS.id: ("reason", dict.fromkeys(("max_num_queued_reqs", "max_num_queued_tokens"), "0.32.0")),
}  # fmt: skip
# Counted once for all engines, by the front end.
_FRONT_END = frozenset({m.ADMISSION_REJECTIONS, m.TOOL_CALL_PARSER})
# Adapters and positions that nothing used yet; every other label that a feature brings starts as "a".
_FIRST = {"position": "0", "running_lora_adapters": "", "waiting_lora_adapters": "", "max_lora": "4"}
_LENGTHS = tuple(float(n * 10**power) for power in range(8) for n in (1, 2, 5))


@dataclass(frozen=True)
class Shown:
    """What decides how a server's page looks.

    features: words of catalogue conditions that are met, such as `NixlConnector`; processes: of the API server, or more
    than one engine: then there are no process metrics and no creation times. prefix: in place of `vllm:`, as with Ray.
    """

    model: str
    version: str
    generation: Generation = "V1"
    features: tuple[str, ...] = ()
    processes: int = 1
    prefix: str = VLLM

    def names(self, metric: Metric) -> list[str]:
        """Names under which a metric is shown, newest first; none where its condition is not met."""
        if not self._met(metric.condition):
            return []
        # Several processes behind one port show nothing of any of them; of V0, not even HTTP.
        hidden = (Owner.PROCESS, Owner.SERVER) if self.generation == "V0" else (Owner.PROCESS,)
        if self.processes > 1 and metric.owner in hidden:
            return []
        found = [name.text for name in metric.names if self._has(name)]
        if metric.owner is Owner.ENGINE:
            return [self.prefix + name.removeprefix(VLLM) for name in found]
        return found

    def _met(self, condition: str | None) -> bool:
        if condition is None or "always exposed" in condition or (self.generation == "V0" and "(V1)" in condition):
            return True
        return all(any(word in part for word in self.features) for part in condition.split(" and "))

    def _has(self, name: Name) -> bool:
        at = version_key(self.version)
        return (
            version_key(name.since) <= at
            and (name.until is None or at <= version_key(name.until))
            and name.engine in ("both", self.generation)
        )

    def bounds(self, metric: Metric, hardware: Hardware) -> tuple[float, ...]:
        """Finite bucket bounds; none for a summary."""
        if metric.kind is Kind.SUMMARY:
            return ()
        at = version_key(self.version)
        rows = [b for b in metric.buckets if version_key(b.since) <= at and (not b.until or at <= version_key(b.until))]
        bounds = tuple(map(float, rows[0].bounds)) if rows else ()
        return bounds or tuple(n for n in _LENGTHS if n <= hardware.max_model_len)


def default_generation(version: str) -> Generation:
    """V1 is the default from 0.8.0."""
    return "V1" if version_key(version) >= (0, 8) else "V0"


# ------------------------------------------------------------------------------------------------ families


@dataclass(frozen=True)
class Row:
    """Labels, and where the value comes from; a number that never changes stands for itself."""

    labels: Own
    held: Cell | Histogram | float
    whole: bool = False  # counted in ones


@dataclass(frozen=True)
class Block:
    """One family: its name as TYPE has it, its type, what it means, its rows."""

    name: str
    type: str
    help: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Counted:
    """What one engine counted, and its cache configuration."""

    ledger: Ledger
    config: Mapping[str, str]


Sample: TypeAlias = tuple[str, Own, float]


def blocks(shown: Shown, engines: Sequence[Counted], server: Ledger, started: float) -> Iterator[Block]:
    """Every family of a page; `server`: what the API server counted; `started`: its start in Unix seconds."""
    for metric in m.ALL:
        for name in shown.names(metric):
            rows = tuple(_rows(metric, shown, engines, server))
            if not rows:
                continue
            kind = "gauge" if metric.kind is Kind.INFO else metric.kind.value
            yield Block(name, kind, metric.meaning, rows)
            # prometheus_client writes when a series was made as a gauge of its own; its process collectors don't.
            if shown.processes == 1 and kind != "gauge" and metric.owner is not Owner.PROCESS:
                stem = name.removesuffix("_total") if kind == "counter" else name
                yield Block(f"{stem}_created", "gauge", metric.meaning, tuple(Row(r.labels, started) for r in rows))


def _rows(metric: Metric, shown: Shown, engines: Sequence[Counted], server: Ledger) -> Iterator[Row]:
    if metric.owner is not Owner.ENGINE or metric in _FRONT_END:
        yield from _of_ledger(metric, shown, server, _common(metric, shown, None))
        return
    for number, engine in enumerate(engines):
        common = _common(metric, shown, number)
        if metric is m.CACHE_CONFIG:
            yield Row(_sorted({**common, **engine.config}), 1.0)
        else:
            yield from _of_ledger(metric, shown, engine.ledger, common)


def _common(metric: Metric, shown: Shown, number: int | None) -> dict[str, str]:
    common = {"model_name": shown.model} if "model_name" in metric.labels else {}
    since = (0, 9) if metric is m.CACHE_CONFIG else (0, 8)
    if (
        number is not None
        and "engine" in metric.labels
        and shown.generation == "V1"
        and version_key(shown.version) >= since
    ):
        common["engine"] = str(number)
    return common


def _of_ledger(metric: Metric, shown: Shown, ledger: Ledger, common: Mapping[str, str]) -> Iterator[Row]:
    observed = metric.kind in (Kind.HISTOGRAM, Kind.SUMMARY)
    for own in _label_sets(metric, shown, ledger):
        held = ledger.histogram(metric, **dict(own)) if observed else ledger.cell(metric, **dict(own))
        whole = metric.kind is Kind.COUNTER and metric.owner is Owner.ENGINE
        yield Row(_sorted({**common, **dict(own)}), held, whole)


def _label_sets(metric: Metric, shown: Shown, ledger: Ledger) -> Sequence[Own]:
    """What was counted, and what a server shows from its start."""
    seen = ledger.label_sets(metric)
    if metric.id in _ENUMERATED:
        label, values = _ENUMERATED[metric.id]
        at = version_key(shown.version)
        known: list[Own] = [((label, value),) for value, since in values.items() if version_key(since) <= at]
        return known if shown.generation == "V1" else [own for own in seen if own in known]
    more = [label for label in metric.labels if label not in ("model_name", "engine")]
    if not seen and (metric.owner is Owner.ENGINE or not more):
        return [tuple(sorted((label, _FIRST.get(label, "a")) for label in more))]
    return seen


def _sorted(labels: Mapping[str, str]) -> Own:
    return tuple(sorted(labels.items()))


# ------------------------------------------------------------------------------------------------ samples


def samples(block: Block) -> Iterator[Sample]:
    """(name, labels, value) of each line of a family."""
    for row in block.rows:
        names = _sample_names(block.name, row)
        for (name, labels), number in zip(names, _numbers(row), strict=True):
            yield name, labels, float(number)


def _sample_names(name: str, row: Row) -> list[tuple[str, Own]]:
    if not isinstance(row.held, Histogram):
        return [(name, row.labels)]
    bounds = (*row.held.bounds, math.inf) if row.held.bounds else ()
    buckets = [
        (name + Part.BUCKET.value, _sorted({**dict(row.labels), "le": _written(float(bound))})) for bound in bounds
    ]
    return [*buckets, (name + Part.COUNT.value, row.labels), (name + Part.SUM.value, row.labels)]


def _value(row: Row) -> float:
    held = row.held.value if isinstance(row.held, Cell) else row.held
    assert not isinstance(held, Histogram)
    return float(math.floor(held)) if row.whole else float(held)


def families(found: Sequence[Block]) -> Iterator[Family]:
    """As prometheus_client's own records, for its writers."""
    for block in found:
        stem = block.name.removesuffix("_total") if block.type == "counter" else block.name
        family = Family(stem, block.help, block.type)
        for name, labels, value in samples(block):
            family.add_sample(name, dict(labels), value)
        yield family


# --------------------------------------------------------------------------------------------------- text


class Page:
    """A page laid out once and filled in many times: thousands of engines are scraped every few seconds.

    `target`: labels that scraping adds; `wanted`: names of samples, where not all are. The text of a whole page is what
    prometheus_client's `generate_latest` gives for `families`; a test holds that.
    """

    def __init__(
        self, found: Sequence[Block], target: Mapping[str, str] | None = None, wanted: Container[str] | None = None
    ) -> None:
        self._parts: list[tuple[str, list[tuple[Row, list[str]]]]] = []
        for block in found:
            head = f"# HELP {block.name} {_escaped_help(block.help)}\n# TYPE {block.name} {block.type}\n"
            rows = []
            for row in block.rows:
                lines = [
                    series_text(name, _sorted({**dict(labels), **(target or {})}))
                    if wanted is None or name in wanted
                    else ""
                    for name, labels in _sample_names(block.name, row)
                ]
                if any(lines):
                    rows.append((row, lines))
            if rows:
                self._parts.append((head, rows))

    def values(self) -> Iterator[tuple[str, float]]:
        """Each wanted sample: its text up to the value, and the value."""
        for _, rows in self._parts:
            for row, lines in rows:
                for line, number in zip(lines, _numbers(row), strict=True):
                    if line:
                        yield line, number

    def text(self) -> str:
        """The page in the text format 0.0.4."""
        out: list[str] = []
        for head, rows in self._parts:
            out.append(head)
            for row, lines in rows:
                out += [f"{line} {_written(number)}\n" for line, number in zip(lines, _numbers(row), strict=True)]
        return "".join(out)


def _numbers(row: Row) -> list[float]:
    """Values of a row's samples, in the order of `samples`."""
    held = row.held
    if not isinstance(held, Histogram):
        return [_value(row)]
    return [*(accumulate(held.counts) if held.bounds else ()), held.count, held.sum]


def _written(number: float) -> str:
    """A value as prometheus_client writes it; whole numbers, which most are, without asking it."""
    if isinstance(number, int) and number < 1_000_000:
        return f"{number}.0"
    return str(go_float(number))  # type: ignore[no-untyped-call]


def series_text(name: str, labels: Own) -> str:
    """A sample's line up to its value."""
    inside = ",".join(f'{key}="{_escaped(value)}"' for key, value in labels)
    return f"{name}{{{inside}}}" if inside else name


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _escaped_help(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")
