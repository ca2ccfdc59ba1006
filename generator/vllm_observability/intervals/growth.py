"""Readings at times -> intervals of one engine. Folder and Prometheus give the same readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from vllm_observability.intervals.records import Count, Gauge, Interval
from vllm_observability.pages.sources import SourceError

# A counter that falls counts from 0 again: the process is another one.
_RESETTING: tuple[Count, ...] = ("steps", "generated", "first_tokens", "requests", "prompts")


@dataclass(frozen=True)
class Reading:
    """What one engine's counters and gauges were at a time."""

    at: float
    counts: Mapping[Count, float]
    gauges: Mapping[Gauge, float] = field(default_factory=dict)
    buckets: Mapping[str, Mapping[float, float]] = field(default_factory=dict)


def intervals(readings: Sequence[Reading], who: str, where: str) -> tuple[Interval, ...]:
    """Growth between consecutive readings; SourceError where a counter fell or time stood still."""
    ordered = sorted(readings, key=lambda reading: reading.at)
    found = []
    for before, after in pairwise(ordered):
        if after.at - before.at < 1e-3:
            continue  # the same scrape twice
        fell = [name for name in _RESETTING if after.counts.get(name, 0.0) < before.counts.get(name, 0.0) - 1e-9]
        if fell:
            raise SourceError(
                f"{where}: {who} restarted between {before.at:.0f} and {after.at:.0f} s, so that one side would hold "
                "two processes. Give a side that begins after the restart, or ends before it."
            )
        grown = {name: max(value - before.counts.get(name, 0.0), 0.0) for name, value in after.counts.items()}
        buckets = {name: _grown(before.buckets.get(name, {}), bounds) for name, bounds in after.buckets.items()}
        gauges = {name: (value + before.gauges.get(name, value)) / 2 for name, value in after.gauges.items()}
        found.append(Interval(before.at, after.at, grown, gauges, buckets))
    return tuple(found)


def _grown(before: Mapping[float, float], after: Mapping[float, float]) -> Mapping[float, float]:
    """Growth of a histogram's buckets, cumulative even where one is missing or has a wrong number.

    A bound that only one of both scrapes has did not begin at 0, because all buckets of a series begin together.
    """
    grown, most = {}, 0.0
    for bound in sorted(bound for bound in after if bound in before or not before):
        most = max(most, after[bound] - before.get(bound, 0.0))
        grown[bound] = most
    return grown
