"""How much of the error budgets is left, and how fast it goes."""

from __future__ import annotations

from vllm_observability.catalog import slo
from vllm_observability.catalog.board_signals import HOURS_RECORDED
from vllm_observability.catalog.boards.layout import Alerts, Board, Column, Graph, Section, Table, Tile
from vllm_observability.catalog.boards.shared import BUDGET_LEFT, BUDGET_OVER, DATA, MODEL_AND_PLACE
from vllm_observability.catalog.budget_signals import BURN, GOOD, LEFT, OBJECTIVE
from vllm_observability.catalog.slo import Kind

KINDS: tuple[Kind, ...] = ("ttft", "itl", "e2e", "errors")
NAMES: dict[Kind, str] = {
    "ttft": "Time to first token",
    "itl": "Inter-token latency",
    "e2e": "End-to-end latency",
    "errors": "Requests without error",
}
ON_TILES: dict[Kind, str] = {"ttft": "TTFT", "itl": "ITL", "e2e": "E2E", "errors": "No error"}
IN_TABLES: dict[Kind, str] = {**ON_TILES, "errors": "OK"}
PERIOD = f"{slo.PERIOD_DAYS} days"
LEAST = f"The model that has the least. {BUDGET_OVER}"
SMALLEST = "The model with the smallest share."
FACTORS = (
    "Over the last minutes; 1 spends the budget exactly in its period. An alert needs a burn over a long window and over "
    "a short one together: "
    + ", ".join(f"{burn.factor:g} over {burn.long} and {burn.short} ({burn.severity})" for burn in slo.BURNS)
    + ". A short peak fires nothing."
)


def _tiles(kind: Kind) -> tuple[Tile, Tile]:
    name = ON_TILES[kind]
    return (
        Tile(f"{name}: budget left", LEFT[kind], fold="min", steps=BUDGET_LEFT, note=LEAST, width=4),
        Tile(f"{name}: good events", GOOD[kind], fold="min", note=SMALLEST, width=4),
    )


def _columns(kind: Kind) -> tuple[Column, Column, Column]:
    name = IN_TABLES[kind]
    return (
        Column(f"{name} goal", OBJECTIVE[kind]),
        Column(f"{name} good", GOOD[kind]),
        Column(f"{name} left", LEFT[kind], steps=BUDGET_LEFT),
    )


def _row(kind: Kind) -> Section:
    name = NAMES[kind]
    return Section(
        name,
        (
            Graph(f"{name}: burn rate", BURN[kind], width=12, note=FACTORS),
            Graph(f"{name}: budget left", LEFT[kind], reaches=1, width=12, note=BUDGET_OVER),
        ),
    )


OBJECTIVES = Table(
    "Objectives",
    (*(column for kind in KINDS for column in _columns(kind)), Column("Hours recorded", HOURS_RECORDED)),
    labels=MODEL_AND_PLACE,
    to="vllm-latency",
    width=24,
    note=f"Good: over the time range shown. Left: {BUDGET_OVER[0].lower()}{BUDGET_OVER[1:]} Hours recorded: how many there are.",
)

SLO = Board(
    "vllm-slo",
    "vLLM / SLO",
    "How much of the error budgets is left, and how fast does it go?",
    (
        Section("", tuple(tile for kind in KINDS for tile in _tiles(kind))),
        Section("Which model", (OBJECTIVES, Alerts("Firing budget alerts", "Vllm.*BudgetBurn", width=24, height=5))),
        *(_row(kind) for kind in KINDS),
        DATA,
    ),
    servers=(),
)
