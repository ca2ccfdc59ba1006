"""What a runbook page says, as a record; thresholds, holds and links come from the checks when the page is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vllm_observability.model import Node, Scope, Signal, Unit


@dataclass(frozen=True)
class SloSeries:
    """A recorded series of the budget that the page is about: the bad share of a window, or what is left."""

    what: Literal["bad", "left"]
    window: str = ""


@dataclass(frozen=True)
class Query:
    """A question that no signal asks, worth asking at night only.

    `per`: what there is an answer for, where the expression itself says that and not the step's level.
    """

    title: str
    unit: Unit
    expr: Node | SloSeries
    per: str = ""


@dataclass(frozen=True)
class Step:
    """One step of a diagnosis: a question, what to ask, and what each answer means and where to go next.

    `level` says per what it is asked, `by` what splits the answer further.
    """

    question: str
    query: Signal | Query
    answers: tuple[tuple[str, str], ...]  # what is seen, what it means
    level: Scope = "model"
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Action:
    """Something that helps, and its price."""

    do: str
    costs: str


@dataclass(frozen=True)
class Runbook:
    """The page of one alert, for somebody who was woken up and doesn't know vLLM.

    In its texts `{metric_id}` stands for a metric's newest name at the site, `{rate_window}` and `{scrape_interval}`
    for the settings of these names, and the name of an alert becomes a link to its page. `event` says when an alert
    without a threshold fires.
    """

    alert: str
    meaning: str
    impact: str
    diagnosis: tuple[Step, ...]
    mitigation: tuple[Action, ...]  # the first helps soonest
    leave_alone: str
    event: str = ""
