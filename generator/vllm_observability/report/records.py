"""The records of a report. `Phrase` fields are put into words by whoever renders them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from vllm_observability.catalog.figures import FigureRow, Latency
from vllm_observability.model import Area, Bound, Check, Condition, Notice, Quality, Severity, Signal, Unit
from vllm_observability.pages.evaluate import Answer, Group, Value
from vllm_observability.pages.source import Source
from vllm_observability.words.phrases import Phrase, Quantity

Judgement = Literal["ok", "info", "warning", "critical"]
RANK: dict[str, int] = {"ok": 0, "info": 1, "warning": 2, "critical": 3}


@dataclass(frozen=True)
class Figure:
    """One number of the figure `of`."""

    of: FigureRow
    value: float
    labels: Mapping[str, str]
    quality: Quality = Quality.EXACT

    @property
    def id(self) -> str:
        """As the JSON names it."""
        return self.of.id

    @property
    def unit(self) -> Unit:
        """The unit of its value."""
        return self.of.unit

    @property
    def quantity(self) -> Quantity:
        """The number as it is to be shown."""
        return Quantity(self.value, self.unit, self.quality)


State = Literal["present", "declared-empty", "off", "absent"]


@dataclass(frozen=True)
class Coverage:
    """What the page can answer on one topic, why not, and what to look at next.

    `quiet`: it is all there, but nothing happened in the window.
    """

    topic: str
    state: State
    detail: Phrase
    next: Phrase | None = None
    quiet: bool = False


@dataclass(frozen=True)
class Missing:
    """A condition of a bound that does not hold, though the bound is passed; `observed` None: there is no answer."""

    condition: Condition
    observed: float | None


@dataclass(frozen=True)
class Judged:
    """What a check says of one model, or of the row that is farthest off among its engines or targets.

    Everything that is said of bounds, in every format, is read from these, and so is what a report notices without one.
    `evidence`: how a page tells it, where value and bound do not. `limits` are all bounds in force for it, in the order
    of the check; None: an event. `bound` is the gravest that it is past (None: it is past none), `missing`
    the condition that alone keeps it from counting. `hold`: seconds until the alert of `bound` fires; None: it fires at
    once, or there is none. `engines`: the number of each engine, where there are several. `others`: further rows that
    are past a bound.
    """

    check: Check | Notice
    group: Group
    value: Value
    severity: Judgement
    limits: tuple[tuple[Severity, float | None], ...] = ()
    bound: Bound | None = None
    hold: float | None = None
    missing: Missing | None = None
    engines: Answer = field(default_factory=dict)
    others: int = 0
    evidence: Phrase | None = None

    @property
    def signal(self) -> Signal | None:
        """What its bounds are bounds of."""
        return self.check.signal if isinstance(self.check, Check) else None

    @property
    def model(self) -> str | None:
        """The model it is about."""
        return dict(self.group).get("model_name")

    @property
    def limit(self) -> float | None:
        """The number in force of the bound that it is past, else of the mildest; None: an event."""
        limits = dict(self.limits)
        if not limits:
            return None
        severity = self.bound.severity if self.bound else min(limits, key=lambda s: RANK[s])
        return limits[severity]


@dataclass(frozen=True)
class NotJudged:
    """Alerts that nothing here can answer, and why."""

    alerts: tuple[str, ...]
    why: Phrase


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

    of: Latency
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
    figure: FigureRow


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
    judged: tuple[Judged, ...]
    not_judged: tuple[NotJudged, ...]
    findings: tuple[Finding, ...]
    insights: tuple[Insight, ...]
    advice: tuple[Advice, ...]
    summary: tuple[Phrase, ...]
    distributions: tuple[Distribution, ...] = ()
    apart: tuple[str, ...] = ()

    @cached_property
    def wholes(self) -> tuple[Mapping[str, str], ...]:
        """Labels of everything that is told by itself: each model, or each part of it that is kept apart."""
        keys = ("model_name", *self.apart)
        found = (
            {k: figure.labels.get(k, "") for k in keys} for figure in self.figures if "model_name" in figure.labels
        )
        return tuple({tuple(labels.items()): labels for labels in found}.values())

    def find(self, of: FigureRow, **labels: str) -> Figure | None:
        """The first number of a figure with at least those labels."""
        for figure in self.all(of):
            if has(figure, labels):
                return figure
        return None

    def all(self, of: FigureRow) -> tuple[Figure, ...]:
        """Every number of a figure."""
        return self._by_id.get(of.id, ())

    def limits(self, of: FigureRow, model: str | None) -> tuple[tuple[Severity, float], ...]:
        """The bounds in force on a figure of one model; none where it was not judged."""
        found = [j for j in self.judged if j.signal is of.signal and j.model == model]
        numbers = ((severity, number) for j in found for severity, number in j.limits if number is not None)
        return tuple(dict.fromkeys(numbers))

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


def has(figure: Figure, labels: Mapping[str, str]) -> bool:
    """Whether a figure has at least these labels; an absent one is the empty string."""
    return all(figure.labels.get(k, "") == v for k, v in labels.items())


def at_least(severity: str, bound: Severity) -> bool:
    """Whether a severity reaches another."""
    return RANK[severity] >= RANK[bound]
