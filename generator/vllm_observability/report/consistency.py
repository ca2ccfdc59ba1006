"""Does a page contradict itself? What it says of one thing in two places must agree, or neither can be trusted."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vllm_observability.catalog import signals as s
from vllm_observability.model import Growth, Metric, Part, Unit
from vllm_observability.pages.evaluate import Buckets, Group, Window, evaluate, merged_buckets
from vllm_observability.words.phrases import Phrase, Quantity, say

MODEL = ("model_name",)


@dataclass(frozen=True)
class Contradiction:
    """A histogram that can't be right, so that its percentiles are left out."""

    metric: Metric
    group: Group
    why: Phrase


def contradictions(window: Window) -> tuple[Contradiction, ...]:
    """Every latency histogram that contradicts itself."""
    found = []
    for metric in s.LATENCIES.values():
        counts = evaluate(Growth(metric, Part.COUNT), window, MODEL)
        sums = evaluate(Growth(metric, Part.SUM), window, MODEL)
        for group, buckets in merged_buckets(metric, window, MODEL).items():
            count, total = counts.get(group), sums.get(group)
            why = contradiction(buckets, count.number if count else None, total.number if total else None)
            if why:
                found.append(Contradiction(metric, group, why))
    return tuple(found)


def contradiction(buckets: Buckets, count: float | None, total: float | None) -> Phrase | None:
    """Why a histogram can't be right, or None; `count` and `total` are its `_count` and `_sum`.

    Tolerances: one observation, since a page is not written at one instant, and a thousandth of the sum.
    """
    everything = buckets.total
    if everything is None:
        return say("its last bucket, the one without a bound, is missing")
    if count is not None and abs(everything - count) > 1:
        return say(
            "its last bucket ({bucket}) and its count ({count}) disagree",
            bucket=Quantity(everything, Unit.COUNT),
            count=Quantity(count, Unit.COUNT),
        )
    rounding = 1e-6 * everything  # growth between two numbers that somebody wrote with ten digits
    if any(later < earlier - rounding for earlier, later in zip(buckets.counts, buckets.counts[1:], strict=False)):
        return say("a higher bucket holds less than a lower one: they contradict each other")
    if total is None or everything <= 1:
        return None
    least = most = below = previous = 0.0
    for bound, cumulative in zip(buckets.bounds, buckets.counts, strict=True):
        inside = cumulative - below
        least += inside * max(previous, 0.0)
        if inside > 0:
            most += inside * bound
        previous, below = bound, cumulative
    slack = 1e-3 * max(total, 1e-9)
    if least - slack <= total <= most + slack:
        return None
    mean, lowest = Quantity(total / everything, Unit.SECONDS), Quantity(least / everything, Unit.SECONDS)
    if math.isinf(most):  # something lies above the last bound, so the buckets give no upper end
        return say(
            "its mean ({mean}) and its buckets disagree: by the buckets it is at least {least}", mean=mean, least=lowest
        )
    return say(
        "its mean ({mean}) and its buckets disagree: by the buckets it lies from {least} to {most}",
        mean=mean,
        least=lowest,
        most=Quantity(most / everything, Unit.SECONDS),
    )
