"""Incidents injected into recorded traffic, one after the other: which alerts tell of them, and when."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from traffic.judge import Firing
from traffic.play import Job, play_of
from vllm_observability.simulate.fleet import Fleet
from vllm_observability.simulate.story import Event

SHARE = 0.5  # of the knee: there is room, so that nothing but the incident hurts
ENOUGH = 30  # requests
FIRST, APART, LASTS = 75, 45, 20  # minutes: history that alerts compare with, from one to the next, how long each is


@dataclass(frozen=True)
class Incident:
    """What happens, and which alerts, warnings or worse, tell of it; `within` minutes. many: times the rate."""

    title: str
    alerts: tuple[str, ...]
    within: float
    event: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)  # what ends it
    many: float = 1.0


_LATE = (
    "VllmTimeToFirstTokenHigh", "VllmTtftBudgetBurn", "VllmQueueTimeHigh", "VllmQueueDrainSlow", "VllmRequestsWaiting",
)  # fmt: skip
_SLOW = ("VllmInterTokenLatencyHigh", "VllmItlBudgetBurn", "VllmThroughputDropped")
INCIDENTS = (
    Incident(
        "8 % of the requests fail", ("VllmRequestErrorsHigh", "VllmHttpServerErrorsHigh", "VllmErrorBudgetBurn"), 10,
        {"traffic": {"errors": 0.08}}, {"traffic": {"errors": 0.0}},
    ),
    Incident(
        "one engine hangs", ("VllmEngineStalled",), 8,
        {"conditions": {"frozen": True}, "replicas": (1,)},
        {"restart": True, "replicas": (1,), "conditions": {"frozen": False}},
    ),
    Incident(
        "one engine can't be scraped", ("VllmTargetDown",), 4, {"reach": "down", "replicas": (2,)}, {"reach": "up"},
    ),
    Incident(
        "one engine crashes again and again", ("VllmRestarting",), 15,
        {"restart": True, "replicas": (3,), "every": "4m"},
    ),
    Incident(
        "every step takes twenty times as long", (*_SLOW, *_LATE), 16,
        {"conditions": {"speed": 0.05}}, {"conditions": {"speed": 1.0}},
    ),
    Incident("six times the traffic", (*_LATE, "VllmKvCacheUsageHigh", "VllmPreemptionsHigh", *_SLOW), 16, many=6.0),
)  # fmt: skip


def lasts() -> float:
    """Seconds of a run with all of them."""
    return 60.0 * (FIRST + APART * len(INCIDENTS))


def events(rate: float) -> Iterator[Event]:
    """What happens when; `rate`: requests per second and engine."""
    for number, one in enumerate(INCIDENTS):
        begin = FIRST + APART * number
        more = {"traffic": {"rate": one.many * rate}} if one.many != 1 else {}
        again = {"until": f"{begin + LASTS}m"} if "every" in one.event else {}
        yield Event(f"{begin}m", **{**one.event, **more, **again})
        less = {"traffic": {"rate": rate}} if one.many != 1 else {}
        if one.after or less:
            yield Event(f"{begin + LASTS}m", **{**one.after, **less})


def scored(job: Job, top: float) -> list[dict[str, Any]]:
    """A row for each incident: the first alert that told of it and after how many minutes, None where none did.

    caught: None where hardly anybody came.
    """
    from scorecard import EPOCH, fired, our_rules  # which has this command among its own

    rate, came = SHARE * top, list[float]()
    play = play_of(job, rate)
    story = replace(play.story, events=tuple(events(rate)))
    with tempfile.TemporaryDirectory(prefix="traffic-") as folder:
        rules = [Path(path) for path in job.rule_files] or our_rules(story, Path(folder))
        fleet = Fleet(story, EPOCH, play.recorded, lambda one: came.append(one.arrival))
        found = fired(fleet, lasts(), rules, Path(folder, "data"))
    fleet.close()
    begins = [EPOCH + 60.0 * (FIRST + APART * number) for number in range(len(INCIDENTS))]
    return [outcome(one, found, came, begin) for one, begin in zip(INCIDENTS, begins, strict=True)]


def outcome(one: Incident, found: Sequence[Firing], came: Sequence[float], begin: float) -> dict[str, Any]:
    """`begin`: Unix seconds of the incident. What fires when it is long over tells of something else.

    Recorded traffic pauses: where hardly anybody comes in the first half of the time there is nothing to tell of.
    """
    asked = sum(begin <= at < begin + 30 * one.within for at in came)
    told = min(
        (
            (firing.since - begin, firing.alert)
            for firing in found
            if firing.alert in one.alerts and firing.severity != "info" and 0 <= firing.since - begin < 60 * LASTS
        ),
        default=None,
    )
    after = round(told[0] / 60, 1) if told else None
    caught = (after is not None and after <= one.within) if asked >= ENOUGH else None
    return {
        "incident": one.title, "within": one.within, "requests": asked, "alert": told[1] if told else None,
        "after": after, "caught": caught,
    }  # fmt: skip
