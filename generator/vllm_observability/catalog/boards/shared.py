"""Colours that mean the same on every board, and panels that several boards have."""

from __future__ import annotations

from vllm_observability.catalog import board_signals as b
from vllm_observability.catalog import signals as s
from vllm_observability.catalog import slo
from vllm_observability.catalog.boards.layout import (
    FINE,
    SEVERITY_FILLS,
    Alerts,
    Chart,
    Column,
    Graph,
    Line,
    Overlay,
    Section,
    Steps,
    Table,
)
from vllm_observability.model import Check, Signal

# Percentiles are shades of one blue, the mean is purple.
P50, P95, P99, MEAN = "super-light-blue", "blue", "dark-blue", "purple"
# Phases of a request, ends of a request, where its prompt came from, answers of the HTTP server.
QUEUE, PREFILL, DECODE = "orange", "purple", "blue"
REASONS = (("stop", "green"), ("length", "blue"), ("abort", "orange"), ("error", "red"), ("repetition", "purple"))
SOURCES = (("local_compute", "orange"), ("local_cache_hit", "green"), ("external_kv_transfer", "blue"))
STATUSES = (("2xx", "green"), ("3xx", "blue"), ("4xx", "orange"), ("5xx", "red"))

ANY_IS_BAD: Steps = ((None, FINE), (1, SEVERITY_FILLS["critical"]))
# A quarter of a budget is a week of its month.
BUDGET_LEFT: Steps = ((None, SEVERITY_FILLS["critical"]), (0, SEVERITY_FILLS["warning"]), (0.25, FINE))
BUDGET_OVER = (
    f"The budget is that of {slo.PERIOD_DAYS} days. A young Prometheus has recorded less, so a bad hour weighs more there. "
    "The number moves once an hour."
)

# Beside a line's name: what it was on average, what it has shown it can be, and what it is.
MEAN_MAX_LAST = ("mean", "max", "lastNotNull")
OF_LEAST = "The model that has the least."
MODEL_AND_PLACE = (("model_name", "Model"), ("namespace", "Namespace"))
PLACE = (("namespace", "Namespace"),)

ALERTS = Alerts("Firing alerts", width=24, height=7)

# In every board: what a board that stays empty lacks.
DATA = Section(
    "If panels are empty: what Prometheus has of vLLM",
    (
        Table(
            "Targets and scrapes",
            (
                Column("Targets", b.TARGETS),
                Column("Up", b.TARGETS_UP),
                Column("Scraped", b.SCRAPE_AGE),
                Column("Takes", b.SCRAPE_TIME),
                Column("Samples", b.PAGE_SAMPLES),
            ),
            of="scope",
            labels=PLACE,
            width=12,
            height=7,
            note="Targets are those that the settings' selector matches; engine metrics need no selector. Scraped: how long ago. Takes: the slowest scrape.",
        ),
        Table(
            "vLLM versions seen",
            (Column("Engines", b.NAMES_SEEN),),
            of="all",
            by=("since",),
            labels=(("since", "Since vLLM"),),
            width=4,
            height=7,
            note="The last row shows the newest engines.",
        ),
        Table(
            "Recorded models",
            (Column("Models", b.MODELS_RECORDED),),
            of="scope",
            labels=PLACE,
            width=8,
            height=7,
            note="Fleet boards, budgets and alerts read recorded series.",
        ),
    ),
    collapsed=True,
)


def percentiles(
    title: str, mean: Signal, p50: Signal, p95: Signal, p99: Signal, check: Check | None = None, *, width: int = 8
) -> Overlay:
    """Mean and percentiles of one distribution, pooled over the selection."""
    lines = (Line(mean, "mean", MEAN), Line(p50, "p50", P50), Line(p95, "p95", P95), Line(p99, "p99", P99))
    note = "Pooled over everything selected. Percentiles are interpolated between bucket bounds."
    return Overlay(title, lines, check, width=width, note=note)


WAITING_BY_REASON = Graph(
    "Waiting requests, by reason",
    b.WAITING_BY_REASON,
    of="all",
    by=("reason",),
    stacked=True,
    colors=(("capacity", QUEUE), ("deferred", "purple")),
)


def finish_reasons(title: str) -> Chart:
    """How requests ended, in one colour each on every board."""
    note = "length: cut off by a token limit. Client disconnects are usually not counted."
    return Graph(title, s.REQUEST_RATE, of="all", by=("finished_reason",), stacked=True, colors=REASONS, note=note)
