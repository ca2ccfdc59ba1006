"""What a doctor says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from vllm_observability.queries.unread import Unused
from vllm_observability.settings import Settings


@dataclass(frozen=True)
class Problem:
    """Something to mend. `hint`: nothing is missing, but it costs or misleads."""

    id: str
    severity: Literal["problem", "hint"]
    what: str
    fix: str


def wrong_prefix(prefixes: list[str], known: Sequence[str] = ()) -> Problem:
    """Names of vLLM that begin otherwise than the settings say; `known` prefixes are in use too."""
    return Problem(
        "prefix",
        "problem",
        f"vLLM's metrics are there, but begin with {', '.join(prefixes)}",
        f"metric_prefixes: {[*known, *prefixes]} in the settings, then vllm-obs build",
    )


def summed_labels(apart: Sequence[str], settings: Settings) -> tuple[Problem, ...]:
    """Labels that tell parts of a model apart, which rules and boards would add up."""
    labels = [label for label in apart if label not in settings.scope_labels]
    if not labels:
        return ()
    named = ", ".join(labels)
    return (
        Problem(
            "labels",
            "hint",
            f"series of a model differ by {named}, which rules and boards do not keep: its parts are added up",
            f"scope_labels: {[*settings.scope_labels, *labels]} in the settings, then vllm-obs build",
        ),
    )


@dataclass(frozen=True)
class State:
    """Whether a panel or an alert has what it reads; `why` where not."""

    of: str  # board / panel, or the alert's name
    ready: bool
    why: str = ""
    expected: bool = False  # nothing is wrong: a feature is off, or there is no traffic


def all_well(problems: Iterable[Problem], states: Iterable[State]) -> bool:
    """Hints apart there is no problem, and whatever is empty should be."""
    return all(p.severity == "hint" for p in problems) and all(state.ready or state.expected for state in states)


@dataclass(frozen=True)
class Diagnosis:
    """Everything found; sound where there is no problem.

    `panels` read raw series; `fleet` are those of the same boards over recorded series, none without the rules.
    """

    source: str
    problems: tuple[Problem, ...]
    panels: tuple[State, ...] = ()
    alerts: tuple[State, ...] = ()
    versions: str = ""
    targets: tuple[tuple[str, int, int], ...] = ()  # job, targets, of them up
    series: tuple[tuple[str, int], ...] = ()  # family, series of all targets; the dearest first
    fleet: tuple[State, ...] = ()
    unused: tuple[Unused, ...] = ()

    @property
    def sound(self) -> bool:
        """Nothing to mend, and nothing empty that should not be."""
        return all_well(self.problems, (*self.panels, *self.fleet, *self.alerts))
