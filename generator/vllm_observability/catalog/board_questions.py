"""How questions that only boards ask are written down: they are no figures of a report."""

from __future__ import annotations

from vllm_observability.catalog import signals as s
from vllm_observability.model import Growth, Metric, Node, Part, PerSecond, Quantile, Signal, Unit


def signal(id: str, expr: Node, unit: Unit, title: str, meaning: str, **more: object) -> Signal:
    """Any question."""
    return Signal(id, expr, unit, title, meaning, figure=False, **more)  # type: ignore[arg-type]


def rate(
    id: str, metric: Metric, unit: Unit, title: str, meaning: str, part: Part = Part.VALUE, **more: object
) -> Signal:
    """Growth per second of a counter, or of a part of a histogram."""
    return signal(id, PerSecond(Growth(metric, part)), unit, title, meaning, **more)


def mean(id: str, metric: Metric, unit: Unit, title: str, meaning: str) -> Signal:
    """The mean of a histogram."""
    return signal(id, s.mean(metric), unit, title, meaning)


def percentile(id: str, q: float, metric: Metric, unit: Unit, title: str, meaning: str) -> Signal:
    """A quantile of a histogram."""
    return signal(
        f"{id}_p{q * 100:.0f}", Quantile(q, metric), unit, f"{title}, p{q * 100:.0f}", f"{meaning} Interpolated."
    )


def each_step(function: str, what: str, window: str, step: str) -> str:
    """A function over what there was at each step of a window, as Grafana asks it: at round times.

    At one of these a window of an hour holds both of its ends on Prometheus 2, and so thirteen steps of five minutes. It
    ends a millisecond earlier, because nobody asks a millisecond past a round time.
    """
    return f"{function}({what}[{window}:{step}] offset 1ms)"
