"""What an engine or a server has counted: cells that only grow, and values of the moment; no names, no text."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping

from vllm_observability.model import Metric

Own = tuple[tuple[str, str], ...]  # the labels besides model_name and engine, sorted


class Cell:
    """A number: a counter's total or a gauge's value."""

    __slots__ = ("value",)

    def __init__(self, value: float = 0.0) -> None:
        self.value = value


class Histogram:
    """Observations per bucket, not yet cumulated; the last bucket has no bound."""

    __slots__ = ("bounds", "count", "counts", "sum")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0
        self.count = 0

    def observe(self, value: float, times: int = 1) -> None:
        """Count `times` observations of one value."""
        self.counts[bisect_left(self.bounds, value)] += times
        self.sum += value * times
        self.count += times


class Ledger:
    """Cells and histograms, made on first use, by metric and own labels."""

    def __init__(self, bounds: Callable[[Metric], tuple[float, ...]]) -> None:
        self._bounds = bounds
        self.cells: dict[str, dict[Own, Cell]] = {}
        self.histograms: dict[str, dict[Own, Histogram]] = {}

    def cell(self, metric: Metric, **own: str) -> Cell:
        """The cell of a counter or gauge."""
        return self.cells.setdefault(metric.id, {}).setdefault(tuple(sorted(own.items())), Cell())

    def histogram(self, metric: Metric, **own: str) -> Histogram:
        """The buckets of a histogram (of a summary, which has none: sum and count)."""
        held = self.histograms.setdefault(metric.id, {})
        key = tuple(sorted(own.items()))
        if key not in held:
            held[key] = Histogram(self._bounds(metric))
        return held[key]

    def label_sets(self, metric: Metric) -> list[Own]:
        """Own labels of everything counted of a metric."""
        return [*self.cells.get(metric.id, ()), *self.histograms.get(metric.id, ())]

    @property
    def shape(self) -> int:
        """How many cells and histograms there are: it changes when a page needs a new line."""
        return sum(map(len, self.cells.values())) + sum(map(len, self.histograms.values()))

    def total(self, metric: Metric, where: Mapping[str, str] | None = None) -> float:
        """Sum of a metric's cells that have these labels."""
        wanted = set((where or {}).items())
        return math.fsum(cell.value for own, cell in self.cells.get(metric.id, {}).items() if wanted <= set(own))
