"""What a doctor says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Problem:
    """Something to mend. `hint`: nothing is missing, but it costs or misleads."""

    id: str
    severity: Literal["problem", "hint"]
    what: str
    fix: str


@dataclass(frozen=True)
class State:
    """Whether a panel or an alert has what it reads; `why` and `fix` where not."""

    of: str  # board / panel, or the alert's name
    ready: bool
    why: str = ""
    expected: bool = False  # nothing is wrong: a feature is off, or there is no traffic


@dataclass(frozen=True)
class Diagnosis:
    """Everything found; sound where there is no problem."""

    source: str
    problems: tuple[Problem, ...]
    panels: tuple[State, ...]
    alerts: tuple[State, ...]
    versions: str = ""
    targets: tuple[tuple[str, int, int], ...] = ()  # job, targets, of them up
    series: tuple[tuple[str, int], ...] = field(default=())  # family, series of all targets; the dearest first

    @property
    def sound(self) -> bool:
        """Nothing to mend, and nothing empty that should not be."""
        bad = any(problem.severity == "problem" for problem in self.problems)
        return not bad and all(state.ready or state.expected for state in (*self.panels, *self.alerts))
