"""Charts that several boards have."""

from __future__ import annotations

from dataclasses import replace

from vllm_observability.catalog import board_signals as b
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.boards.layout import REASONS, Chart, Line, Section, column

SEVERITIES = (("critical", "critical", "red"), ("warning", "warning", "orange"), ("info", "info", "blue"))
ALERTS = Chart(
    "Firing alerts", (), "table", alerts="Vllm.+", width=9, height=8,
    labels=(("severity", "Severity"), ("alertname", "Alert"), ("where", "Of")),
    mappings=SEVERITIES,
    note="From the series that Prometheus writes of its alerts, so of every data source that evaluates them. An alert's name leads to its runbook. Since is how long its condition has held; a warning that is critical already stands once.",
    empty="nothing fires, or the alert rules are not loaded",
)  # fmt: skip

# In every board: what a board that stays empty lacks.
DATA = Section(
    "If panels are empty: what Prometheus has of vLLM",
    (
        Chart(
            "Targets and scrapes",
            (
                column("Targets", b.TARGETS), column("Up", b.TARGETS_UP), column("Last scrape", b.SCRAPE_AGE),
                column("Scrape time", b.SCRAPE_TIME), column("Samples", b.PAGE_SAMPLES),
            ),
            "table", of="scope", width=12, height=7, labels=(("job", "Job"), ("namespace", "Namespace")),
            note="Targets that the selector of the settings matches; the engine's own metrics need no selector.",
            empty="no target's job matches the selector (the setting target_selector)",
        ),
        Chart(
            "vLLM versions seen",
            (column("Engines", b.NAMES_SEEN),),
            "table", of="all", by=("since",), width=6, height=7, labels=(("since", "Names since vLLM"),),
            note="An engine shows every name up to its own version, so the last rows say what the newest engines are.",
        ),
        Chart(
            "Models that the recording rules know",
            (column("Models", b.MODELS_RECORDED, recorded=True),),
            "table", of="scope", width=6, height=7, labels=(("job", "Job"), ("namespace", "Namespace")),
            note="Recorded series are what fleet boards, budgets and alerts read.",
        ),
    ),
    collapsed=True,
)  # fmt: skip


def finish_reasons(title: str, **more: object) -> Chart:
    """How requests ended, in one colour each on every board."""
    chart = Chart(
        title, (Line(s.REQUEST_RATE, "{{finished_reason}}"),), of="all", by=("finished_reason",), stacked=True,
        note="length: cut off by a token limit. Client disconnects are usually not counted.",
        colors=REASONS,
    )  # fmt: skip
    return replace(chart, **more)  # type: ignore[arg-type]
