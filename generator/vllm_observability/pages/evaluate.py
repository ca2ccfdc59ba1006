"""Reader 2: expression -> numbers, from one scrape (since start) or from the growth between two.

It walks the same trees as promql.py and gives the numbers that a Prometheus would, with one difference by design: a
counter that an earlier page does not have yet counts as 0 there, where Prometheus misses its first value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, cast

from vllm_observability.model import (
    Agg,
    Beyond,
    Either,
    Growth,
    Late,
    Level,
    Matcher,
    Metric,
    Node,
    Part,
    PerSecond,
    Plus,
    Quality,
    Quantile,
    Ratio,
    Scope,
    ShareWithin,
    Unexplained,
)
from vllm_observability.pages.matching import matches_whole
from vllm_observability.pages.snapshot import Labels, Snapshot

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Value:
    """A finite number and its quality."""

    number: float
    quality: Quality = Quality.EXACT


Group = Labels  # the grouping labels that a series has, sorted
Answer = dict[Group, Value]  # a group without an answer is absent: never NaN, never 0 for nothing


Why = Literal["rules", "selection", "refused"]


@dataclass(frozen=True)
class Asked:
    """What a Prometheus said where pages can't: answers by level and question, from recorded series or from raw ones.

    `sums`: the pages too are made of recorded series, as far as these go. `left_out` are alerts whose check was not
    asked: it needs recorded series, its series lack the labels that were chosen, or the server refused it. `wanted`:
    seconds that were asked for, which may be more than there are data for.
    """

    answers: Mapping[tuple[Scope, Node], Answer]
    recorded: bool
    left_out: tuple[tuple[Why, str], ...] = ()
    sums: bool = False
    wanted: float = 0.0


@dataclass(frozen=True)
class Window:
    """What growth is measured over: from `earlier` to `later`, or from the server's start where there is no `earlier`.

    `seconds` is the length, None where unknown, and then nothing per second has an answer. After a restart growth is
    the later page's own count. `asked`: what a Prometheus adds to its pages.
    """

    later: Snapshot
    earlier: Snapshot | None = None
    seconds: float | None = None
    restarted: bool = False
    asked: Asked | None = None
    _known: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def apart(self) -> tuple[str, ...]:
        """Labels that nobody knows: rows that differ by them are kept apart in every answer."""
        return self.later.apart

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, worked out once: a page may hold thousands of models, each asking about all of them."""
        if key not in self._known:
            self._known[key] = make()
        return cast(T, self._known[key])

    def growth(self, metric: Metric, part: Part) -> Mapping[Labels, float]:
        """Growth of each series of a counter, a histogram part or a summary part."""
        return self.once(("growth", metric.id, part), lambda: self._growth(metric, part))

    def _growth(self, metric: Metric, part: Part) -> Mapping[Labels, float]:
        before = {} if self.earlier is None or self.restarted else self.earlier.of(metric, part)
        return {
            labels: value - before.get(labels, 0.0) if value >= before.get(labels, 0.0) else value
            for labels, value in self.later.of(metric, part).items()
        }


def window(later: Snapshot, earlier: Snapshot | None = None, seconds: float | None = None) -> Window:
    """A window over one page or two; notices a restart between them."""
    return Window(later, earlier, seconds, restarted=earlier is not None and _restarted(earlier, later))


def _restarted(earlier: Snapshot, later: Snapshot) -> bool:
    from vllm_observability.catalog import metrics as m  # local: only this question needs names

    start_before, start_now = (max(s.of(m.PROCESS_START_TIME).values(), default=None) for s in (earlier, later))
    if start_before is not None and start_now is not None and start_now > start_before:
        return True
    return any(
        value < earlier.series.get(key, {}).get(labels, value)
        for key, rows in later.series.items()
        if m.BY_ID[key[0]].growing(key[1])
        for labels, value in rows.items()
    )


# ------------------------------------------------------------------------------------------ evaluation


def evaluate(node: Node, window: Window, by: Sequence[str]) -> Answer:
    """The answer of each group; `by` are label names. Asked twice it is the same mapping, not to be changed."""
    labels = tuple(sorted({*by, *window.apart}))
    return window.once((node, labels), lambda: _Reader(window, labels).read(node))


@dataclass(frozen=True)
class _Reader:
    window: Window
    by: tuple[str, ...]

    def read(self, node: Node) -> Answer:
        if isinstance(node, Level):
            return self._level(node)
        if isinstance(node, Growth):
            return self._growth(node)
        if isinstance(node, PerSecond):
            seconds = self.window.seconds
            if not seconds or self.window.restarted:
                return {}
            return _map(self._growth(node.growth), lambda v: Value(v.number / seconds, v.quality))
        if isinstance(node, Ratio):
            over, under = self.read(node.over), self.read(node.under)
            return {g: Value(over[g].number / under[g].number) for g in over if g in under and under[g].number > 0}
        if isinstance(node, Quantile):
            found = {g: buckets.quantile(node.q) for g, buckets in self.buckets(node.metric).items()}
            return {g: v for g, v in found.items() if v is not None}
        if isinstance(node, ShareWithin):
            return self._share(node)
        if isinstance(node, Beyond):
            return {g: Value(1 - rows[node.bound] / rows[math.inf]) for g, rows in self._at(node.read, node.bound)}
        if isinstance(node, Late):
            return self._late(node)
        if isinstance(node, Unexplained):
            return self._unexplained(node)
        if isinstance(node, Either):
            second = self.read(node.second)
            if node.approximate:
                second = _map(second, lambda v: Value(v.number, Quality.APPROXIMATE))
            return {**second, **self.read(node.first)}
        if isinstance(node, Plus):
            return _map(self.read(node.node), lambda v: Value(v.number + node.constant, v.quality))
        raise TypeError(f"{type(node).__name__} can only be read as PromQL")

    def group(self, labels: Labels) -> Group:
        return tuple(pair for pair in labels if pair[0] in self.by and pair[1])

    def _level(self, node: Level) -> Answer:
        gathered: dict[Group, list[float]] = {}
        for labels, value in self.window.later.of(node.metric).items():
            if matches(labels, node.where) and (node.at_least is None or value >= node.at_least):
                gathered.setdefault(self.group(labels), []).append(value)
        return {g: Value(_AGGREGATE[node.agg](values)) for g, values in gathered.items()}

    def _growth(self, node: Growth) -> Answer:
        sums: dict[Group, list[float]] = {}
        for labels, value in self.window.growth(node.metric, node.part).items():
            rows = sums.setdefault(self.group(labels), [])
            if matches(labels, node.where):
                rows.append(value)
        return {g: Value(math.fsum(values)) for g, values in sums.items() if values or not node.declared}

    def _share(self, node: ShareWithin) -> Answer:
        """Over the engines that have the bound."""
        rows = [(labels, v, _bound(labels)) for labels, v in self.window.growth(node.metric, Part.BUCKET).items()]
        having = {_without_le(labels) for labels, _, bound in rows if bound == node.bound}
        sums: dict[Group, dict[float, float]] = {}
        for labels, value, bound in rows:
            if bound in (node.bound, math.inf) and _without_le(labels) in having:
                held = sums.setdefault(self.group(labels), {})
                held[bound] = held.get(bound, 0.0) + value
        return {g: Value(held[node.bound] / held[math.inf]) for g, held in sums.items() if held.get(math.inf, 0.0) > 0}

    def _late(self, node: Late) -> Answer:
        waits = self._within(node.waits, *(wait for wait, _ in node.table))
        works = self._within(node.works, *(work for _, work in node.table if work is not None))
        ends = [*(wait for wait, _ in node.table[1:]), math.inf]
        late = {
            g: sum(
                (waits[g][end] - waits[g][wait]) * works[g][math.inf if work is None else work]
                for (wait, work), end in zip(node.table, ends, strict=True)
            )
            for g in waits
            if g in works
        }
        besides = self.read(node.besides)
        return {g: Value(share + besides[g].number) for g, share in late.items()}

    def _unexplained(self, node: Unexplained) -> Answer:
        found = dict.fromkeys(self._within(node.reads[1]), 0.0)
        for row in node.table:
            of_row = zip(node.reads, row, strict=True)
            starts, waits, works = (
                {g: held[bound] for g, held in self._within(read, bound).items()} for read, bound in of_row
            )
            for g in starts.keys() & waits.keys() & works.keys():
                found[g] = max(found[g], waits[g] + works[g] - starts[g] - 1)
        return {g: Value(share) for g, share in found.items()}

    def _within(self, read: Growth, *bounds: float) -> dict[Group, dict[float, float]]:
        """Shares of observations at or under some bounds."""
        return {
            g: {bound: count / held[math.inf] for bound, count in held.items()} for g, held in self._at(read, *bounds)
        }

    def _at(self, read: Growth, *bounds: float) -> Iterator[tuple[Group, dict[float, float]]]:
        """Growth of a histogram's buckets at some bounds and of all, where a group has these and observations."""
        wanted = {*bounds, math.inf}
        sums: dict[Group, dict[float, float]] = {}
        for labels, value in self.window.growth(read.metric, Part.BUCKET).items():
            bound = _bound(labels)
            if bound is not None and bound in wanted:
                held = sums.setdefault(self.group(labels), {})
                held[bound] = held.get(bound, 0.0) + value
        return ((g, held) for g, held in sums.items() if wanted == held.keys() and held[math.inf] > 0)

    def buckets(self, metric: Metric) -> dict[Group, Buckets]:
        """Merged growth per bucket of each group."""
        merged: dict[Group, dict[float, list[float]]] = {}
        for labels, value in self.window.growth(metric, Part.BUCKET).items():
            bound = _bound(labels)
            if bound is not None:
                merged.setdefault(self.group(labels), {}).setdefault(bound, []).append(value)
        return {group: _at_common_bounds(rows) for group, rows in merged.items()}


_AGGREGATE: Mapping[Agg, Callable[..., float]] = {
    "sum": math.fsum,
    "max": max,
    "min": min,
    "avg": lambda values: math.fsum(values) / len(values),
}


def _at_common_bounds(rows: Mapping[float, Sequence[float]]) -> Buckets:
    """Sums at the bounds that every engine has; see Reader.buckets in promql.py. A page cut before +Inf keeps all."""
    engines = len(rows.get(math.inf, ()))
    bounds = tuple(bound for bound in sorted(rows) if not engines or len(rows[bound]) == engines)
    return Buckets(bounds, tuple(math.fsum(rows[bound]) for bound in bounds))


def merged_buckets(metric: Metric, window: Window, by: Sequence[str]) -> dict[Group, Buckets]:
    """Growth per bucket of a histogram in each group."""
    labels = tuple(sorted({*by, *window.apart}))
    return window.once(("buckets", metric.id, labels), lambda: _Reader(window, labels).buckets(metric))


@dataclass(frozen=True)
class Buckets:
    """Cumulative counts at ascending bounds, the last one +Inf where the page is whole."""

    bounds: tuple[float, ...]
    counts: tuple[float, ...]

    @property
    def total(self) -> float | None:
        """Observations; None without a +Inf bucket."""
        return self.counts[-1] if self.bounds and math.isinf(self.bounds[-1]) else None

    def within(self, bound: float) -> float:
        """Observations at or under a bound."""
        return self.counts[self.bounds.index(bound)]

    def quantile(self, q: float) -> Value | None:
        """As Prometheus interpolates: linearly inside the bucket, from 0 in the first; None without observations."""
        if self.total is None or len(self.bounds) < 2:
            return None
        counts, highest = [], 0.0
        for count in self.counts:  # mixed layouts and races between buckets can make counts fall; Prometheus lifts them
            highest = max(highest, count)
            counts.append(highest)
        if not highest:
            return None
        rank = q * counts[-1]
        index = next(i for i, count in enumerate(counts) if count >= rank or i == len(counts) - 1)
        if index == len(counts) - 1:
            return Value(self.bounds[-2], Quality.ABOVE_LAST)
        if index == 0 and self.bounds[0] <= 0:
            return Value(self.bounds[0], Quality.BELOW_FIRST)
        below = counts[index - 1] if index else 0.0
        start = self.bounds[index - 1] if index else 0.0
        number = start + (self.bounds[index] - start) * (rank - below) / (counts[index] - below)
        return Value(number, Quality.INTERPOLATED if index else Quality.BELOW_FIRST)

    def smallest_holding(self, share: float) -> tuple[float, float] | None:
        """(bound, its share): the smallest finite bound that holds at least `share` of the observations."""
        if not self.total:
            return None
        for bound, count in zip(self.bounds[:-1], self.counts[:-1], strict=True):
            if count / self.total >= share:
                return bound, count / self.total
        return None


def matches(labels: Labels, where: Sequence[Matcher]) -> bool:
    """Whether a label set passes every matcher; an absent label is the empty string, as in Prometheus."""
    if not where:
        return True
    held = dict(labels)
    return all(_passes(held.get(label, ""), op, value) for label, op, value in where)


def _passes(held: str, op: str, value: str) -> bool:
    if op in ("=", "!="):
        return (held == value) == (op == "=")
    return matches_whole(value, held) == (op == "=~")


def _without_le(labels: Labels) -> Labels:
    return tuple(pair for pair in labels if pair[0] != "le")


def _bound(labels: Labels) -> float | None:
    text = next((v for k, v in labels if k == "le"), None)
    if text is None:
        return None
    try:
        bound = float(text)
    except ValueError:
        return None
    return None if math.isnan(bound) else bound


def _map(answer: Answer, change: Callable[[Value], Value]) -> Answer:
    return {group: change(value) for group, value in answer.items()}
