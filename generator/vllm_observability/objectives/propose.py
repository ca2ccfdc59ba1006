"""A history -> the tightest bounds of its own histograms at which nothing would have fired, with room to spare."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from vllm_observability.catalog import checks
from vllm_observability.catalog.slo import BURNS, BY_KIND, FLOOR_EVENTS, Burn
from vllm_observability.intervals.records import quantile
from vllm_observability.model import Check, Metric, Severity
from vllm_observability.objectives.records import EVERY, KINDS, Buckets, Fired, History, Kind, Proposal, Proposed
from vllm_observability.settings import Objective
from vllm_observability.settings.durations import seconds

TARGET = 0.99
ROOM = 2.0  # so many times as much may go wrong as ever did before anything fires
ABOVE = 1.5  # how far over the slowest ten minutes a warning begins
APART = 2.0  # and how far over that a page
# Nothing tighter is proposed: who waits for less is not hurt, and a page for it would be for nothing.
FLOORS: dict[Kind, float] = {"ttft": 2.5, "itl": 0.1}
LEAST_HOURS, LEAST_EVENTS = 0.5, 500.0
_CHECKS: dict[Kind, tuple[Check, float]] = {"ttft": (checks.TTFT, 20.0), "itl": (checks.ITL, 200.0)}


def propose(history: History) -> Proposal:
    """What fits a model; nothing of what was seen too little."""
    hours = sum(1 for step in history.steps if step) * EVERY / 3600
    rows = [row for kind in KINDS if (row := _row(history, kind))] if hours >= LEAST_HOURS else []
    return Proposal(history.model, hours, tuple(rows))


def _row(history: History, kind: Kind) -> Proposed | None:
    metric = BY_KIND[kind].metric
    steps = [step.get(kind, {}) for step in history.steps]
    events = math.fsum(step.get(math.inf, 0.0) for step in steps)
    if metric is None or events < LEAST_EVENTS:
        return None
    bounds = sorted(set.intersection(*(set(step) for step in steps if step)) - {math.inf})
    for bound in bounds:
        if bound >= FLOORS[kind] and not any(burned(steps, kind, bound, TARGET, ROOM)):
            break
    else:
        return None
    good = math.fsum(step[bound] for step in steps if step)
    thresholds = _thresholds(steps, kind, bounds)
    fired = (*burned(steps, kind, bound, TARGET), *_passed(steps, kind, thresholds))
    objective = Objective(kind, TARGET, bound, re.escape(history.model))
    return Proposed(kind, metric, events, good / events, objective, thresholds, fired)


# ---------------------------------------------------------------------------------------------- budgets


def burned(steps: Sequence[Buckets], kind: Kind, bound: float, target: float, room: float = 1.0) -> Iterator[Fired]:
    """What the burn alerts of an objective would have done, if `room` times as much had been bad."""
    total = _sums([step.get(math.inf, 0.0) for step in steps])
    bad = _sums([step.get(math.inf, 0.0) - step.get(bound, 0.0) for step in steps])
    for burn in BURNS:
        if kind in burn.kinds:
            burning = [_burns(bad, total, end, burn, target, room) for end in range(1, len(steps) + 1)]
            yield from _held(burning, burn.hold, BY_KIND[kind].alert, burn.severity)


def _sums(values: Sequence[float]) -> list[float]:
    sums = [0.0]
    for value in values:
        sums.append(sums[-1] + value)
    return sums


def _burns(bad: Sequence[float], total: Sequence[float], end: int, burn: Burn, target: float, room: float) -> bool:
    """Whether both windows that end with a step lost too much; `end`: the number of steps up to there."""
    if _over(total, end, burn.long) < FLOOR_EVENTS:
        return False
    allowed = burn.factor * (1 - target)

    def lost(end: int, window: str, part: float = 1.0) -> bool:
        return room * part * _over(bad, end, window) > allowed * _over(total, end, window)

    def lost_of_all(end: int) -> bool:
        return lost(end, burn.long, min(1.0, end / _steps(burn.long)))

    if burn.keeps:
        return lost(end, burn.long) or any(map(lost_of_all, range(max(1, end - _steps(burn.keeps) + 1), end + 1)))
    return lost(end, burn.long) and lost(end, burn.short) and (burn.hours == 1 or lost_of_all(end))


def _over(sums: Sequence[float], end: int, window: str) -> float:
    return sums[end] - sums[max(0, end - _steps(window))]


def _steps(window: str) -> int:
    return max(1, math.ceil((seconds(window) or 0.0) / EVERY))


def _held(burning: Sequence[bool], hold: str, alert: str, severity: Severity) -> Iterator[Fired]:
    """Runs that last longer than the hold."""
    length, begin = _steps(hold), 0
    for end, one in enumerate((*burning, False)):
        if not one:
            if end - begin > length:
                yield Fired(alert, severity, begin + length, end - 1)
            begin = end + 1


# ------------------------------------------------------------------------------------------- thresholds


def _thresholds(steps: Sequence[Buckets], kind: Kind, bounds: Sequence[float]) -> dict[Severity, float]:
    """Bounds above the slowest that lasted; a quantile never exceeds the last one, so no alert may need that."""
    lasting = [min(pair) for pair in _pairs(_slow(steps, kind))]
    default = {bound.severity: bound.value or 0.0 for bound in _CHECKS[kind][0].bounds}
    least = max(ABOVE * max(lasting, default=0.0), default["warning"])
    warning = next((bound for bound in bounds[:-1] if bound >= least), math.inf)
    least = max(APART * warning, default["critical"])
    critical = next((bound for bound in bounds[:-1] if bound >= least), math.inf)
    return {"warning": warning, "critical": critical} if critical < math.inf else {}


def _slow(steps: Sequence[Buckets], kind: Kind) -> list[float]:
    """The 95th percentile of each step; 0 where it would be that of a few."""
    least = _CHECKS[kind][1]
    return [(quantile(step, 0.95) or 0.0) if step.get(math.inf, 0.0) >= least else 0.0 for step in steps]


def _pairs(values: Sequence[float]) -> Iterator[tuple[float, float]]:
    yield from zip(values, (*values[1:], *values[-1:]), strict=True)


def _passed(steps: Sequence[Buckets], kind: Kind, thresholds: dict[Severity, float]) -> Iterator[Fired]:
    check, slow = _CHECKS[kind][0], _slow(steps, kind)
    for bound in check.bounds:
        limit = thresholds.get(bound.severity, math.inf)
        yield from _held([value > limit for value in slow], bound.hold, check.alert or "", bound.severity)


def metric_of(kind: Kind) -> Metric:
    """The histogram that a kind is judged by."""
    found = BY_KIND[kind].metric
    assert found
    return found
