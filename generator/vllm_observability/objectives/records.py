"""A model's history in steps, and what is proposed for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from vllm_observability.model import Metric, Severity
from vllm_observability.settings import Objective

EVERY = 300.0  # seconds of a step: the window of the rules
Kind = Literal["ttft", "itl"]
KINDS: tuple[Kind, ...] = ("ttft", "itl")
Buckets: TypeAlias = Mapping[float, float]  # growth up to each bound, `inf` included


@dataclass(frozen=True)
class History:
    """What all engines of a model did, step by step; a step in which nothing was observed is empty."""

    model: str
    steps: tuple[Mapping[Kind, Buckets], ...]


@dataclass(frozen=True)
class Fired:
    """An alert that would have fired, in steps from the beginning."""

    alert: str
    severity: Severity
    first: int
    last: int

    @property
    def minutes(self) -> float:
        """How long."""
        return (self.last - self.first + 1) * EVERY / 60


@dataclass(frozen=True)
class Proposed:
    """One kind of latency of a model.

    events: what was observed; kept: the share of it that is good by the objective. thresholds: seconds by severity,
    empty where no bound of the histogram fits.
    """

    kind: Kind
    metric: Metric
    events: float
    kept: float
    objective: Objective
    thresholds: Mapping[Severity, float]
    fired: tuple[Fired, ...]


@dataclass(frozen=True)
class Proposal:
    """A model. hours: of its history in which it was asked something; rows: empty where that is too little."""

    model: str
    hours: float
    rows: tuple[Proposed, ...]
