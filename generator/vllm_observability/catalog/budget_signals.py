"""Questions about error budgets, the same four of every kind of objective."""

from __future__ import annotations

from typing import Literal

from vllm_observability.catalog.signals import ERROR_SHARE
from vllm_observability.catalog.slo import BUDGETS, PERIOD_DAYS, Budget, Kind
from vllm_observability.model import Signal, Spend, Unit


def _signal(budget: Budget, what: Literal["good", "burn", "left", "objective"], meaning: str) -> Signal:
    """`{objective}` in a meaning stands for what the site promises."""
    return Signal(
        f"{budget.kind}_budget_{what}",
        Spend(budget.kind, what, budget.events_counted),
        Unit.FACTOR if what == "burn" else Unit.RATIO,
        f"{budget.title}: {what}",
        f"{meaning} {{objective}}".lstrip(),
        figure=False,
        nothing=ERROR_SHARE.nothing if budget.kind == "errors" else "",
        signed=True,  # good and all events are read at different moments, and a budget can be overspent
    )


GOOD: dict[Kind, Signal] = {
    b.kind: _signal(b, "good", "Share of events that were good, over the time range shown.") for b in BUDGETS
}
LEFT: dict[Kind, Signal] = {
    b.kind: _signal(b, "left", f"Share of the budget of {PERIOD_DAYS}d that is left; below 0 it is overspent.")
    for b in BUDGETS
}
BURN: dict[Kind, Signal] = {
    b.kind: _signal(
        b, "burn", "How many times faster than sustainable the budget goes: bad events over those allowed."
    )
    for b in BUDGETS
}
OBJECTIVE: dict[Kind, Signal] = {b.kind: _signal(b, "objective", "") for b in BUDGETS}

# The budget that a signal asks about, by the signal's id.
BUDGET_OF: dict[str, Budget] = {
    signals[budget.kind].id: budget for budget in BUDGETS for signals in (GOOD, LEFT, BURN, OBJECTIVE)
}
