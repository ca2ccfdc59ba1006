"""Alerts beside what users felt: which were right, which were not, and what none told of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from vllm_observability.simulate.truth import Seen

# A firing alert is false if fewer of the requests of its time were hurt; others (info) judge nobody.
ENOUGH = {"critical": 0.05, "warning": 0.01}
HURT_MINUTE = 0.2  # share of a minute's requests that makes it a hurt one
IN_TIME = 600.0  # seconds after a hurt minute within which an alert must fire


class Firing(Protocol):
    """An alert that fired, from its first to its last evaluation in Unix seconds."""

    @property
    def alert(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def since(self) -> float: ...
    @property
    def until(self) -> float: ...


@dataclass(frozen=True)
class Judged:
    """One alert. Seconds from the start; `hurt_share` of the requests that were under way while it fired."""

    alert: str
    severity: str
    since: float
    until: float
    hurt_share: float
    false: bool


@dataclass(frozen=True)
class Verdict:
    """All alerts of a run; how many minutes were hurt; how many of them no alert told of in time."""

    alerts: tuple[Judged, ...]
    hurt_minutes: int
    missed_minutes: int


def judge(firings: Sequence[Firing], requests: Sequence[Seen], start: float, lasts: float) -> Verdict:
    """`start`: Unix seconds; `lasts`: seconds. A request that the API refused (4xx) counts for nothing."""
    asked = [one for one in requests if one.reason != "bad"]
    alerts = tuple(_judged(firing, asked, start) for firing in firings)
    hurt = hurt_minutes(asked, start)
    told = [(one.since, one.until) for one in alerts if one.severity in ENOUGH]
    return Verdict(alerts, len(hurt), sum(_missed(minute * 60.0, told, lasts) for minute in hurt))


def _judged(firing: Firing, asked: Sequence[Seen], start: float) -> Judged:
    then = [one.hurt for one in asked if one.arrival <= firing.until and (one.left < 0 or one.left >= firing.since)]
    share = sum(then) / len(then) if then else 0.0
    since, until = firing.since - start, firing.until - start
    return Judged(
        firing.alert, firing.severity, since, until, round(share, 4), share < ENOUGH.get(firing.severity, 0.0)
    )


def hurt_minutes(asked: Sequence[Seen], start: float) -> list[int]:
    """Minutes from the start; a request belongs to the minute in which it came."""
    came, hurt = Counter[int](), Counter[int]()
    for one in asked:
        minute = int((one.arrival - start) // 60)
        came[minute] += 1
        hurt[minute] += one.hurt
    return sorted(minute for minute, count in came.items() if hurt[minute] >= HURT_MINUTE * count)


def _missed(begin: float, told: Sequence[tuple[float, float]], lasts: float) -> bool:
    """Whether no alert fires from a minute's begin to ten minutes after its end; too near the end nobody can say."""
    end = begin + 60 + IN_TIME
    return end <= lasts and not any(since <= end and until >= begin for since, until in told)
