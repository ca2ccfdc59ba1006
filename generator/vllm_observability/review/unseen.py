"""What a week could not see: time before the data, gaps in scraping, rules that were not loaded."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from vllm_observability.model import Unit
from vllm_observability.prometheus.history import Course, Grid
from vllm_observability.review.asking import runs
from vllm_observability.review.records import Unseen
from vllm_observability.words.phrases import Quantity, say

_MISSED = 0.1  # share of an hour's scrapes that is worth telling
_LITTLE = 0.02  # of the scrapes of the fullest hour: less is the edge of another one
_FEW_POINTS = 10  # twice of what a number over two minutes needs to have changed
_MOST = 10  # gaps that are told one by one


def without_latencies(tokens: bool, latencies: bool) -> Iterator[Unseen]:
    """Tokens were counted and first tokens were not: a conversion that is half set up loses histograms like that."""
    if tokens and not latencies:
        yield Unseen(
            "latency", say("No histogram of vLLM is stored: no latency is told, and nothing that is made of one")
        )


def too_short(points: int) -> Iterator[Unseen]:
    """A change must last for some points, so that a span of few has none, or one that is chance."""
    if points < _FEW_POINTS:
        yield Unseen("short", say("The span is too short to see what changed in it: give an earlier --from"))


def missed(scraped: Course, recorded: Sequence[bool], hours: Grid, *, compared: bool) -> Iterator[Unseen]:
    """scraped: how often each engine was, by hour; recorded: whether series were; compared: there is a span before."""
    counts = [math.fsum(line[n] for line in scraped.values() if line[n] == line[n]) for n in range(hours.count)]
    first = next((n for n, count in enumerate(counts) if count > _LITTLE * max(counts)), hours.count)
    begin = hours.start - hours.step
    if first:
        yield Unseen(
            "retention", say("There is no data yet: Prometheus keeps less than the span, or started then"), begin,
            begin + first * hours.step,
        )  # fmt: skip
    yield from _gaps(scraped, counts, hours)
    without = [hours.times[n] for n in range(first, hours.count) if counts[n] and not recorded[n]]
    for since, until in runs(without, hours.step * 1.5):
        yield Unseen(
            "rules", say("Recording rules were not loaded, or not evaluated: alerts that need them could not fire, and "
                         "raw series were read"), since - hours.step, until,
        )  # fmt: skip
    if not compared:
        yield Unseen("before", say("There is no whole span before this one to compare it with"))


def most(line: Sequence[float]) -> float:
    """Scrapes of an engine in an hour without a gap; one at least, or it would not be there."""
    return max(1.0, *(value for value in line if value == value))


def _gaps(scraped: Course, counts: Sequence[float], hours: Grid) -> Iterator[Unseen]:
    """Hours in which engines that were there before and after were scraped less often."""
    expected = [0.0] * hours.count
    own = [0.0] * hours.count
    for line in scraped.values():
        there = [n for n, value in enumerate(line) if value == value and value > 0]
        for n in range(there[0] + 1, there[-1]) if there else ():
            expected[n] += most(line)
            own[n] += line[n] if line[n] == line[n] else 0.0
    shares = [1 - own[n] / expected[n] if expected[n] else 0.0 for n in range(hours.count)]
    bad = [hours.times[n] for n, share in enumerate(shares) if share > _MISSED]
    for number, (since, until) in enumerate(runs(bad, hours.step * 1.5)):
        low, high = (round((at - hours.start) / hours.step) for at in (since, until))
        lost = sum(shares[low : high + 1]) / (high - low + 1)
        whole = not any(counts[low : high + 1])
        if number < _MOST:
            yield Unseen(
                "gap",
                say("Nothing was scraped: Prometheus had stopped, or lost all its targets") if whole
                else say("{share} of the scrapes are missing", share=Quantity(round(lost, 3), Unit.RATIO)),
                since - hours.step, until,
            )  # fmt: skip
