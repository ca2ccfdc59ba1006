"""Engines with more to do than they can: what they finish is their maximum, and the load is what arrives.

A queue that only bursts fill empties again; a lasting one says that more arrives than is finished.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vllm_observability.intervals import Engine, Interval, total

LEAST_QUEUE = 0.1  # waiting requests, as a share of the running ones: under it the next few wait for a step
LAST = 300.0  # seconds that are "now"
MOST_OF_LAST, MOST_OF_ALL = 0.9, 0.5  # shares of the time with a queue that make it a lasting one


@dataclass(frozen=True)
class Saturated:
    """Engines with a lasting queue, out of so many, and requests that wait and run in them.

    Rates are per second. most: what one of them finishes while it has a queue. demand: what arrives at all engines, a
    lower bound because clients that gave up are in neither the queue nor what is finished.
    """

    engines: int
    out_of: int
    waiting: float
    running: float
    most: float
    demand: float

    def needed(self, load: float) -> int | None:
        """The fewest engines for a multiple of what arrives; None where nothing was finished.

        A queue that lasts at every engine says that they are too few, although clients that give up may hold it level.
        """
        if self.most <= 0:
            return None
        least = self.out_of + 1 if self.engines == self.out_of and load >= 1 else 1
        return max(least, math.ceil(load * self.demand / self.most - 1e-9))


def saturated(engines: Sequence[Engine]) -> Saturated | None:
    """What is known of the engines of one model; None where no queue lasts."""
    found = [engine for engine in engines if _lasting(engine.intervals)]
    if not found:
        return None
    queues = [total([one for one in engine.intervals if _queued(one)]) for engine in found]
    seconds = math.fsum(one.seconds for engine in found for one in engine.intervals if _queued(one))
    return Saturated(
        engines=len(found),
        out_of=len(engines),
        waiting=math.fsum(one.gauges["waiting"] for one in queues),
        running=math.fsum(one.gauges.get("running", 0.0) for one in queues),
        most=math.fsum(one.get("requests") for one in queues) / seconds,
        demand=math.fsum(map(_arriving, engines)),
    )


def _lasting(intervals: Sequence[Interval]) -> bool:
    last = [one for one in intervals if one.end > intervals[-1].end - LAST]
    return _share(last) >= MOST_OF_LAST or _share(intervals) >= MOST_OF_ALL


def _share(intervals: Sequence[Interval]) -> float:
    seconds = math.fsum(one.seconds for one in intervals)
    return math.fsum(one.seconds for one in intervals if _queued(one)) / seconds if seconds > 0 else 0.0


def _queued(one: Interval) -> bool:
    return one.gauges.get("waiting", 0.0) >= max(1.0, LEAST_QUEUE * one.gauges.get("running", 0.0))


def _arriving(engine: Engine) -> float:
    """Requests per second: what is finished, and by how much the queue grows."""
    if engine.seconds <= 0:
        return 0.0
    first, last = (engine.intervals[n].gauges.get("waiting", 0.0) for n in (0, -1))
    return (total(engine.intervals).get("requests") + max(last - first, 0.0)) / engine.seconds
