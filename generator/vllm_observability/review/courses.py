"""Counters and gauges on a grid -> growth, and numbers over the last few points; NaN where nothing is known."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from vllm_observability.intervals.records import Gauge
from vllm_observability.review.records import Counted, Watched

Line = list[float]


def growth(values: Sequence[float]) -> Line:
    """Growth from each point to the next, of a counter; one that fell began again at 0. NaN across a gap."""
    found = [math.nan] * len(values)
    for n in range(1, len(values)):
        before, after = values[n - 1], values[n]
        if after == after and before == before:  # neither is NaN
            found[n] = after - before if after >= before else after
    return found


class Engine:
    """What one engine did from point to point, worked out once for each count."""

    def __init__(self, watched: Watched, points: int) -> None:
        self.who, self._watched, self.points = watched.who, watched, points
        self._grown: dict[Counted, Line] = {}

    def grown(self, name: Counted) -> Line:
        """Growth of a count; NaN everywhere where the engine does not show it."""
        if name not in self._grown:
            values = self._watched.counts.get(name)
            self._grown[name] = [math.nan] * self.points if values is None else growth(values)
        return self._grown[name]

    def total(self, name: Counted) -> Sequence[float]:
        """A count as it was."""
        return self._watched.counts.get(name) or [math.nan] * self.points

    def gauge(self, name: Gauge) -> Sequence[float]:
        """A gauge as it was."""
        return self._watched.gauges.get(name) or [math.nan] * self.points

    def seen(self, n: int) -> bool:
        """Whether it showed anything at a point."""
        running = self._watched.gauges.get("running")
        return running is not None and running[n] == running[n]

    def arrived(self) -> Line:
        """Requests that came: those that ended, and by how many there were more. Exact, whatever their length."""
        ended, running, waiting = self.grown("ended"), self.gauge("running"), self.gauge("waiting")
        inside = [a + (0.0 if math.isnan(b) else b) for a, b in zip(running, waiting, strict=True)]
        return [math.nan] + [ended[n] + inside[n] - inside[n - 1] for n in range(1, self.points)]


def summed(lines: Iterable[Sequence[float]], points: int) -> Line:
    """Point by point, over those that are known; NaN where none is."""
    found = [math.nan] * points
    for line in lines:
        for n, value in enumerate(line):
            if value == value:
                found[n] = value if math.isnan(found[n]) else found[n] + value
    return found


def known(lines: Iterable[Sequence[float]], points: int) -> Line:
    """How many are known at each point."""
    found = [0.0] * points
    for line in lines:
        for n, value in enumerate(line):
            found[n] += value == value
    return found


def trailing(line: Sequence[float], width: int) -> Line:
    """Sum of the last `width` points; unknown ones count as nothing, NaN where all are."""
    found, held, there = [math.nan] * len(line), 0.0, 0
    for n, value in enumerate(line):
        if value == value:
            held, there = held + value, there + 1
        if n >= width and line[n - width] == line[n - width]:
            held, there = held - line[n - width], there - 1
        if there:
            found[n] = held
    return found


def over(part: Sequence[float], whole: Sequence[float], least: float = 0.0) -> Line:
    """Point by point; NaN where the divisor is not above `least`."""
    return [a / b if a == a and b == b and b > 0 and b >= least else math.nan for a, b in zip(part, whole, strict=True)]
