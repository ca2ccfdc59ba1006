"""Questions over a time: answers on a grid, asked in slices that a server allows."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from vllm_observability.catalog import metrics as m
from vllm_observability.model import Part
from vllm_observability.prometheus.answers import Histogram
from vllm_observability.prometheus.api import Api, QueryRefused, Unanswered
from vllm_observability.prometheus.native import form_with
from vllm_observability.queries.promql import Reader, either
from vllm_observability.settings.site import Histograms

MOST_POINTS = 10_000  # of one series in one answer; Prometheus gives 11,000
LARGEST = 1e18  # of a number: what is beyond, negative or none is no count of anything, and is left out
MOST_SAMPLES = 250_000  # of all series in one answer: 8 MB

Key = tuple[str, ...]  # values of the labels that were asked for, "" where a series has none
Query = str | Callable[["Grid"], str]  # a question, or how it is asked of a part of the grid
Course = Mapping[Key, "array[float]"]  # a value for each point of the grid, NaN where there is none


@dataclass(frozen=True)
class Grid:
    """Points in time, in Unix seconds: the first, how far apart, how many."""

    start: float
    step: float
    count: int

    @property
    def end(self) -> float:
        """The last point."""
        return self.start + self.step * (self.count - 1)

    @property
    def times(self) -> list[float]:
        """All points."""
        return [self.start + self.step * n for n in range(self.count)]

    def parts(self, most: int) -> Iterator[Grid]:
        """The same in pieces of at most so many points."""
        for begin in range(0, self.count, most):
            yield Grid(self.start + self.step * begin, self.step, min(most, self.count - begin))


def stored(api: Api, reader: Reader, grid: Grid) -> Histograms | None:
    """How raw histograms are stored in this time, which settings do not say: these are about rules. None: nowhere."""
    native, classic = (
        bool(course(api, f"count({either(names)})", grid, ()))
        for names in (reader.series(m.TTFT), reader.series(m.TTFT, Part.COUNT))
    )
    return form_with(native=native, classic=classic)


def course(
    api: Api, query: Query, grid: Grid, labels: Sequence[str], *, series: int = 1, most: int = MOST_POINTS
) -> Course:
    """Every series of a query on a grid. `series`: how many are expected; `most`: points in one answer at most.

    What a server refuses, or does not answer in time, is asked again in halves.
    """
    found: dict[Key, array[float]] = {}
    size = max(1, min(most, MOST_POINTS, MOST_SAMPLES // max(1, series)))
    for part in grid.parts(size):
        _ask(api, query if isinstance(query, str) else query(part), part, grid, labels, found)
    return found


def _ask(api: Api, query: str, part: Grid, grid: Grid, labels: Sequence[str], found: dict[Key, array[float]]) -> None:
    try:
        rows = api.matrix(query, part.start, part.end, part.step).rows
    except (QueryRefused, Unanswered):
        if part.count < 2:
            raise
        for half in part.parts(math.ceil(part.count / 2)):
            _ask(api, query, half, grid, labels, found)
        return
    for row in rows:
        key = tuple(row.labels.get(label, "") for label in labels)
        for at, value in row.points:
            index = round((at - grid.start) / grid.step)
            if 0 <= index < grid.count and not isinstance(value, Histogram) and 0 <= value <= LARGEST:
                if key not in found:
                    found[key] = array("d", [math.nan]) * grid.count
                found[key][index] = value if value * LARGEST > 1 else 0.0
