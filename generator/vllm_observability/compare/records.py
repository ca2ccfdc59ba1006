"""What a comparison says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from vllm_observability.words.phrases import Phrase, say

Verdict = Literal["better", "worse", "same", "not-comparable"]
Overall = Literal["better", "worse", "same", "can't tell"]


@dataclass(frozen=True)
class Question:
    """One question's answer. Positive is worse. unit: `percent`, or percentage `points` of a share.

    naive: the plain difference of the means; adjusted: at equal load, with its 95 % interval; None where there is none.
    before, after: plain means of both sides.
    """

    id: str
    title: Phrase
    verdict: Verdict
    unit: Literal["percent", "points"]
    naive: float | None
    adjusted: float | None
    interval: tuple[float, float] | None
    reason: Phrase
    before: float | None = None
    after: float | None = None


@dataclass(frozen=True)
class Facts:
    """One side in numbers. seconds: from its first scrape to its last; rates are per second over all engines."""

    name: str
    models: tuple[str, ...]
    engines: int
    seconds: float
    requests: float
    requests_per_second: float
    output_tokens_per_second: float
    prompt_tokens_per_request: float | None
    output_tokens_per_request: float | None
    sequences_per_step: float | None
    prompt_tokens_per_step: float | None
    kv_cache_usage: float | None
    versions: tuple[str | None, str | None]
    quantiles: Mapping[str, Mapping[str, float]]  # histogram -> p50, p95, p99 in seconds
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """Something else that is not the same: `what` is version, configuration, metric-gone, metric-new or emptied."""

    what: str
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Point:
    """A step's length against its load, for the picture: sequences per step, seconds between tokens."""

    batch: float
    seconds: float


Called = tuple[Phrase, Phrase]  # what a reader calls the sides
TIMES: Called = (say("before"), say("after"))
GROUPS: Called = (say("a"), say("b"))


@dataclass(frozen=True)
class Comparison:
    """Both sides, every question, and what else changed."""

    sides: tuple[Facts, Facts]
    questions: tuple[Question, ...]
    changes: tuple[Change, ...]
    points: tuple[tuple[Point, ...], tuple[Point, ...]] = ((), ())
    called: Called = TIMES

    @property
    def verdict(self) -> Overall:
        """Of all questions together; what depends on what users ask does not count."""
        deciding = [q.verdict for q in self.questions if q.id not in ASKED]
        if "worse" in deciding:
            return "worse"
        if not any(q.verdict != "not-comparable" for q in self.questions if q.id in SPEED):
            return "can't tell"
        return "better" if "better" in deciding else "same"

    def regressed(self, percent: float) -> bool:
        """Whether a question is worse by more than so many percent, or points."""
        return any(
            q.verdict == "worse" and q.adjusted is not None and q.adjusted > (percent if q.unit == "percent" else 0.0)
            for q in self.questions
            if q.id not in ASKED
        )


SPEED = ("itl", "ttft", "e2e", "throughput")  # one of these must be comparable for anything to be told
ASKED = ("truncation", "prefix_cache")  # these move with what users ask
