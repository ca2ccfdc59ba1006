"""How much of the error budgets is left, and how fast it goes."""

from __future__ import annotations

from dataclasses import replace

from vllm_observability.catalog import slo
from vllm_observability.catalog.boards.layout import Board, Chart, Line, Section, Spend, column, tile
from vllm_observability.catalog.boards.shared import ALERTS, DATA
from vllm_observability.catalog.slo import Kind

NAMES: dict[Kind, str] = {
    "ttft": "Time to first token", "itl": "Inter-token latency", "e2e": "End-to-end latency", "errors": "Requests without error",
}  # fmt: skip
SHORT: dict[Kind, str] = {"ttft": "TTFT", "itl": "ITL", "e2e": "E2E", "errors": "No error"}
PERIOD = f"{slo.PERIOD_DAYS} days"
NEEDS_RULES = "the recording rules are not loaded, or no traffic"


def _left(kind: Kind) -> Chart:
    return tile(
        f"{SHORT[kind]}: budget left", Spend(kind, "left"), of="model", fold="min", recorded=True, steps_of="budget", empty=NEEDS_RULES, width=4,
        note=f"Of {PERIOD}, of the model that has least. Below 0 it is overspent.",
    )  # fmt: skip


def _good(kind: Kind) -> Chart:
    return tile(
        f"{SHORT[kind]}: good events", Spend(kind, "good"), of="model", fold="min", width=4,
        note="Over the time range shown, of the model with the smallest share.",
    )  # fmt: skip


def _row(kind: Kind) -> Section:
    return Section(
        NAMES[kind],
        (
            Chart(
                f"{NAMES[kind]}: burn rate", (Line(Spend(kind, "burn")),), steps_of="burn", width=12,
                note="1 spends the budget exactly in its period; the lines are the factors that page and that warn.",
            ),
            Chart(
                f"{NAMES[kind]}: budget left", (Line(Spend(kind, "left"), recorded=True),), width=12,
                empty=NEEDS_RULES, note=f"Of {PERIOD}, by model.",
            ),
        ),
    )  # fmt: skip


KINDS: tuple[Kind, ...] = ("ttft", "itl", "e2e", "errors")
SLO = Board(
    "vllm-slo",
    "vLLM / SLO",
    "How much of the error budgets is left, and how fast does it go?",
    (
        Section("", tuple(chart for kind in KINDS for chart in (_left(kind), _good(kind)))),
        Section(
            "Which model",
            (
                Chart(
                    "Objectives",
                    tuple(
                        column(f"{name} {heading}", Spend(kind, what), recorded=what in ("left", "objective"))  # type: ignore[arg-type]
                        for kind, name in (("ttft", "TTFT"), ("itl", "ITL"), ("e2e", "E2E"), ("errors", "OK"))
                        for what, heading in (("objective", "goal"), ("good", "good"), ("left", "left"))
                    ),
                    "table", width=16, height=8, labels=(("model_name", "Model"),), to="vllm-latency",
                    note=f"Good: over the time range shown. Left: of the budget of {PERIOD}.",
                ),
                replace(ALERTS, width=8, title="Firing budget alerts", alerts="Vllm.*BudgetBurn"),
            ),
        ),
        *(_row(kind) for kind in KINDS),
        DATA,
    ),
)  # fmt: skip
