"""Recorded requests on a simulated fleet: how much load it carries, and what its alerts do at a load."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from traffic.judge import judge
from vllm_observability.simulate.fleet import Fleet
from vllm_observability.simulate.hardware import PRESETS
from vllm_observability.simulate.recorded import Trace
from vllm_observability.simulate.show import Plain, Play, replay
from vllm_observability.simulate.truth import Seen

ENGINES = 4  # behind a gateway that sends each request to the one with the fewest
VERSION = "0.33.0"
CARRIED = 0.05  # share of requests that may be hurt at the knee, besides those that are at the lightest load
LOADS = (0.25, 0.6, 1.0)  # of the knee
_ENOUGH_REQUESTS = 8_000  # at most, to see how many are hurt
_LIGHT = 32  # the first load that is tried is so many times the lightest
_SHORTEST = 900.0  # seconds of a run
_HALVINGS = 5  # the knee is known to 2 %


@dataclass(frozen=True)
class Job:
    """A trace on a preset, at shares of its knee.

    lasts, most: seconds and requests of each run at most; rule_files: other rules than ours; incidents: whether they
    are injected too, in a run of their own; settings: of the site, as in its file.
    """

    trace: Trace
    preset: str
    shares: tuple[float, ...]
    lasts: float
    most: int
    rule_files: tuple[str, ...] = ()
    incidents: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)

    def seconds(self, rate: float) -> float:
        """How long a run at a load lasts: a whole number of minutes, a quarter of an hour at the least."""
        return max(_SHORTEST, 60.0 * int(min(self.lasts, self.most / (ENGINES * rate)) / 60))


def runs(job: Job) -> list[dict[str, Any]]:
    """Each load as a row of the JSON, the first one with what became of the incidents."""
    from traffic.incidents import scored  # which plays them by what is here

    top = knee(job)
    rows = [_run(job, share * top, share) for share in job.shares]
    return [{**rows[0], "incidents": scored(job, top)}, *rows[1:]] if job.incidents else rows


def play_of(job: Job, rate: float) -> Play:
    """The fleet; `rate`: requests per second and engine."""
    play = replay([job.trace], Plain(ENGINES, 1, rate, job.preset, VERSION), as_recorded=False)
    return replace(play, story=replace(play.story, settings=job.settings))


def knee(job: Job) -> float:
    """The highest load, in requests per second and engine, at which few more requests are hurt than at a light one.

    Some are at any load, where requests were recorded as coming at the same moment.
    """
    low = high = _guess(job)
    most = CARRIED + _hurt_share(job, low / _LIGHT)
    if _hurt_share(job, low) < most:
        while _hurt_share(job, high := low * 2) < most:
            low = high
    else:
        while low > high / _LIGHT and _hurt_share(job, low := low / 2) >= most:
            pass
        high = low * 2
    for _ in range(_HALVINGS):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if _hurt_share(job, middle) < most else (low, middle)
    return low


def _guess(job: Job) -> float:
    """Where to begin: half of what prefill alone and a batch of sixteen would allow."""
    hardware, requests = PRESETS[job.preset], job.trace.requests
    prompt = sum(asked.prompt for asked in requests) / len(requests)
    output = sum(asked.output for asked in requests) / len(requests)
    return 0.5 / (prompt / hardware.prefill_tokens_per_second + output * hardware.step_seconds / 16)


def _hurt_share(job: Job, rate: float) -> float:
    lasts = max(120.0, min(_ENOUGH_REQUESTS, job.most / 12) / (ENGINES * rate))
    found: list[Seen] = []
    play = play_of(job, rate)
    fleet = Fleet(play.story, 0.0, play.recorded, found.append)
    for at in _steps(lasts):
        fleet.run(at)
    fleet.close()
    asked = [one.hurt for one in found if one.reason != "bad"]
    return sum(asked) / len(asked) if asked else 0.0


def _steps(lasts: float) -> Iterator[float]:
    return (30.0 * n for n in range(1, math.ceil(lasts / 30) + 1))


def _run(job: Job, rate: float, share: float) -> dict[str, Any]:
    from scorecard import EPOCH, fired, our_rules  # which has this command among its own

    found: list[Seen] = []
    play, lasts = play_of(job, rate), job.seconds(rate)
    fleet = Fleet(play.story, EPOCH, play.recorded, found.append)
    with tempfile.TemporaryDirectory(prefix="traffic-") as folder:
        rules = [Path(path) for path in job.rule_files] or our_rules(play.story, Path(folder))
        firings = fired(fleet, lasts, rules, Path(folder, "data"))
    fleet.close()
    verdict = judge(firings, found, EPOCH, lasts)
    return {
        "trace": job.trace.name,
        "preset": job.preset,
        "load": float(f"{rate:.4g}"),
        "knee_share": share,
        "engine_days": round(ENGINES * lasts / 86_400, 4),
        "requests": len(found),
        "hurt_requests": sum(one.hurt for one in found),
        **asdict(verdict),
    }
