"""The records of a report. `Phrase` fields are put into words by whoever renders them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from vllm_observability.model import Area, Quality, Severity, Unit
from vllm_observability.pages.source import Source
from vllm_observability.words.phrases import Phrase, Quantity

Judgement = Literal["ok", "info", "warning", "critical"]
RANK: dict[str, int] = {"ok": 0, "info": 1, "warning": 2, "critical": 3}


@dataclass(frozen=True)
class Figure:
    """One number. `id` and `labels` are the contract of the JSON report."""

    id: str
    value: float
    unit: Unit
    labels: Mapping[str, str]
    quality: Quality = Quality.EXACT

    @property
    def quantity(self) -> Quantity:
        """The number as it is to be shown."""
        return Quantity(self.value, self.unit, self.quality)


State = Literal["present", "declared-empty", "off", "absent"]


@dataclass(frozen=True)
class Coverage:
    """What the page can answer on one topic, why not, and what to look at next."""

    topic: str
    state: State
    detail: Phrase
    next: Phrase | None = None


@dataclass(frozen=True)
class Finding:
    """A judgement: of a check, or of the report alone (`alert` None)."""

    id: str
    severity: Judgement
    area: Area
    title: Phrase
    evidence: Phrase
    advice: Phrase | None = None
    cause: Phrase | None = None
    alert: str | None = None
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Distribution:
    """How many observations fell into each bucket: `counts` has one more than `bounds`, for those above the last."""

    id: str
    labels: Mapping[str, str]
    bounds: tuple[float, ...]
    counts: tuple[float, ...]


@dataclass(frozen=True)
class Insight:
    """One line of the verdict table."""

    area: Area
    verdict: Literal["good", "watch", "problem", "unknown"]
    reason: Phrase


@dataclass(frozen=True)
class Advice:
    """One thing to change or keep, with the setting it is about and the figure that led to it."""

    setting: str
    text: Phrase
    figure: str


@dataclass(frozen=True)
class Model:
    """A served model; size and quantisation are read from its name and the cache configuration, so inferred."""

    name: str
    size: str | None
    quantisation: str | None


@dataclass(frozen=True)
class Engine:
    """The product behind the page. `version_range` are the first and last examined vLLM releases that fit."""

    version_range: tuple[str | None, str | None]
    prefix: str
    product: str = "vllm"


@dataclass(frozen=True)
class Report:
    """Everything a report says."""

    source: Source
    engine: Engine
    models: tuple[Model, ...]
    python: str | None
    started: float | None
    coverage: tuple[Coverage, ...]
    figures: tuple[Figure, ...]
    findings: tuple[Finding, ...]
    insights: tuple[Insight, ...]
    advice: tuple[Advice, ...]
    summary: tuple[Phrase, ...]
    distributions: tuple[Distribution, ...] = ()

    def find(self, id: str, **labels: str) -> Figure | None:
        """The first figure with that id and at least those labels."""
        for figure in self.all(id):
            if all(figure.labels.get(k) == v for k, v in labels.items()):
                return figure
        return None

    def all(self, id: str) -> tuple[Figure, ...]:
        """Every figure with that id."""
        return self._by_id.get(id, ())

    @cached_property
    def _by_id(self) -> Mapping[str, tuple[Figure, ...]]:
        found: dict[str, list[Figure]] = {}
        for figure in self.figures:
            found.setdefault(figure.id, []).append(figure)
        return {id: tuple(figures) for id, figures in found.items()}

    @property
    def worst(self) -> Judgement:
        """The gravest severity among the findings."""
        return max((finding.severity for finding in self.findings), key=RANK.__getitem__, default="ok")


def at_least(severity: str, bound: Severity) -> bool:
    """Whether a severity reaches another."""
    return RANK[severity] >= RANK[bound]
