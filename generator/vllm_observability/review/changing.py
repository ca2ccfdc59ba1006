"""When did a number become different from what it was before? Onset, end, and both levels."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

_LASTS = 3  # points in a row that make a change; fewer may be chance, and so may what one window still holds
_PART = 0.2  # of the way to its new level: what comes earlier is a small burst that the change ran into
_ENOUGH = 5  # values that say what a number was before
Differs = Callable[[int, float], bool]
_SIGMAS = 5.0  # a share differs that lies so many standard errors from the one before


@dataclass(frozen=True)
class Change:
    """`onset`, `last`: the first and the last point at which it is different."""

    onset: int
    last: int
    before: float
    after: float


@dataclass(frozen=True)
class Bound:
    """What counts as different: by a factor, and by so much at least; up, or down."""

    factor: float
    floor: float
    up: bool = True


def shifted(line: Sequence[float], begin: int, bound: Bound, width: int = 1) -> Change | None:
    """A number that leaves the range it had before `begin`, by a factor of its median, for some points in a row.

    `width`: points that each number is made of; a single odd one is in so many.
    """
    before = sorted(value for value in line[:begin] if value == value)
    if len(before) < _ENOUGH:
        return None
    usual = median(before)
    low, high = before[int(0.01 * (len(before) - 1))], before[math.ceil(0.99 * (len(before) - 1))]
    if bound.up:
        edge = max(usual * bound.factor, usual + bound.floor, high + 0.25 * (high - usual))
        return _lasting(line, begin, usual, width, lambda _, value: value > edge)
    edge = min(usual / bound.factor, usual - bound.floor, low - 0.25 * (usual - low))
    return _lasting(line, begin, usual, width, lambda _, value: value < edge)


def shared(
    part: Sequence[float], whole: Sequence[float], begin: int, width: int, least: float, up: bool = True
) -> Change | None:
    """A share of events that differs from before by more than chance, and by `least`. Both are growth per point.

    Events come in bursts, so that it must also leave the range that it had over windows before.
    """
    base, of = (math.fsum(v for v in line[:begin] if v == v) for line in (part, whole))
    share = (base + 0.5) / (of + 1.0)
    parts, wholes = _sums(part, width), _sums(whole, width)

    line = [p / w if w > 0 else math.nan for p, w in zip(parts, wholes, strict=True)]
    before = [value for value in line[width:begin] if value == value]
    farthest = max((value - share if up else share - value for value in before), default=0.0)

    def differs(n: int, value: float) -> bool:
        size = wholes[n]
        error = math.sqrt(min(share, 1.0) * max(1 - share, 0.0) / size) if size else math.inf
        distance = value - share if up else share - value
        return distance > max(least, _SIGMAS * error, 1.25 * farthest) and (not up or parts[n] >= 2)

    return _lasting(line, begin, base / of if of else 0.0, width, differs)


def _sums(line: Sequence[float], width: int) -> list[float]:
    return [math.fsum(v for v in line[max(0, n - width + 1) : n + 1] if v == v) for n in range(len(line))]


def _lasting(line: Sequence[float], begin: int, usual: float, width: int, differs: Differs) -> Change | None:
    """The first run of points that differ; points without a value neither make nor break it."""
    run: list[int] = []
    lasts = max(_LASTS, width + 1)
    for n in range(begin, len(line)):
        value = line[n]
        if value != value:
            continue
        if differs(n, value):
            run.append(n)
        elif len(run) >= lasts:
            break
        else:
            run = []
    if len(run) < min(lasts, len(line) - begin):
        return None
    after = median(line[n] for n in run[:40])
    onset = next(n for n in run if abs(line[n] - usual) >= _PART * abs(after - usual))
    return Change(onset, _last(line, run[-1], differs), usual, after)


def _last(line: Sequence[float], after: int, differs: Differs) -> int:
    """The last of all points that differ, also after a pause."""
    return max((n for n in range(after, len(line)) if line[n] == line[n] and differs(n, line[n])), default=after)
