"""Where an alert is answered: the board, and on it the panel, that shows what the alert judges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vllm_observability.catalog import slo
from vllm_observability.catalog.boards.layout import Board, Chart, Graph, Overlay, States, Table
from vllm_observability.model import Check, Signal, asks, only_recorded

# An alert of an event or of a change is answered by the panel that shows what happened: (board, panel's title).
SHOWN: dict[str, tuple[str, str]] = {
    "target_down": ("vllm-overview", "Targets and scrapes"),
    "target_down_alone": ("vllm-overview", "Targets and scrapes"),
    "target_never_up": ("vllm-overview", "Targets and scrapes"),
    "scrapes_failing": ("vllm-overview", "Targets and scrapes"),
    "scraped_seldom": ("vllm-overview", "Targets and scrapes"),
    "families_missing": ("vllm-overview", "Targets and scrapes"),
    "replicas_lost": ("vllm-capacity", "Engines by model"),
    "restarting_elsewhere": ("vllm-capacity", "Engines by model"),
    "restarting_elsewhere_slowly": ("vllm-capacity", "Engines by model"),
    "restarting_slowly": ("vllm-engines", "All engines"),
    "starting_again": ("vllm-engines", "Uptime"),
    "starting_again_slowly": ("vllm-engines", "Uptime"),
    "few_requests_errors": ("vllm-throughput", "Finished requests per second, by reason"),
    "uncounted_aborts": ("vllm-throughput", "Finished requests per second, by reason"),
    "traffic_gone": ("vllm-throughput", "Finished requests per second, by reason"),
    "answers_collapsed": ("vllm-throughput", "Output length"),
    "http_server_errors_model": ("vllm-throughput", "Share of HTTP 5xx"),
    "http_server_errors_server": ("vllm-throughput", "Share of HTTP 5xx"),
    "few_requests_http_errors": ("vllm-throughput", "Share of HTTP 5xx"),
    "model_vanished": ("vllm-capacity", "Engines by model"),
    "restarting": ("vllm-engines", "All engines"),
    "engine_stalled": ("vllm-engines", "All engines"),
    "metrics_missing": ("vllm-overview", "Targets and scrapes"),
    "recording_rules_missing": ("vllm-overview", "Recorded models"),
    "load_imbalance_kv": ("vllm-engines", "KV cache usage"),
    "load_imbalance_running": ("vllm-engines", "Running requests"),
    "config_drift": ("vllm-engines", "Cache configuration"),
    "aborts": ("vllm-throughput", "Finished requests per second, by reason"),
    "scrape_slow": ("vllm-overview", "Targets and scrapes"),
    "prefix_cache_drop": ("vllm-kv-cache", "Prefix cache hit ratio, by model"),
    "gpu_fault": ("vllm-gpu", "GPU faults in 15 minutes"),
    "kv_transfer_failures": ("vllm-features", "Failed transfers per second, by kind"),
}
# Boards that show a bit of everything: another one is about it.
_GENERAL = ("vllm-overview", "vllm-incident")


def answer(check: Check, boards: Sequence[Board]) -> tuple[Board, Chart]:
    """The panel that shows what a check judges; a check that no panel shows fails the build."""
    charts = [(board, chart) for board in boards for chart in _charts(board)]
    if check.id in SHOWN:
        return next(each for each in charts if (each[0].slug, each[1].title) == SHOWN[check.id])
    shown = [(board, chart) for board, chart in charts if _shows(chart, check.signal) or chart.check == check]
    if not shown:
        raise ValueError(f"{check.id}: no panel shows what it judges: give it one, or a row in {__name__}")
    return min(shown, key=lambda each: _rank(each[0], each[1], check))


def burn_answer(budget: slo.Budget, boards: Sequence[Board]) -> tuple[Board, Chart]:
    """The panel that shows how fast a budget goes."""
    return next(
        (board, chart)
        for board in boards
        for chart in _charts(board)
        if isinstance(chart, Graph) and chart.signal.id == f"{budget.kind}_budget_burn"
    )


def _rank(board: Board, chart: Chart, check: Check) -> tuple[bool, ...]:
    """What comes first is the best: judged, over time, per thing, on the board that is about it."""
    return (
        chart.check != check,
        not isinstance(chart, (Graph, Overlay, States)),
        chart.of == "all",
        board.slug in _GENERAL,
    )


def _shows(chart: Chart, signal: Signal) -> bool:
    signals: tuple[Signal, ...] = chart.signals
    if isinstance(chart, Table):
        signals = tuple(column.signal for column in chart.columns if column.title)
    return any(
        shown.expr == signal.expr or (asks(shown.expr, signal.expr) and not only_recorded(shown.expr))
        for shown in signals
    )


def _charts(board: Board) -> Iterator[Chart]:
    for section in board.sections:
        yield from section.charts
