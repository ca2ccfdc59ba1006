"""Which engine is the odd one out, and how is it configured."""

from __future__ import annotations

from vllm_observability.catalog import board_signals as b
from vllm_observability.catalog import checks as c
from vllm_observability.catalog import fleet_checks as fc
from vllm_observability.catalog import fleet_signals as f
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.boards.layout import Board, Chart, Line, Section, column, graph, tile
from vllm_observability.catalog.boards.shared import DATA
from vllm_observability.model import Signal


def each(title: str, signal: Signal, **more: object) -> Chart:
    """A line for each engine."""
    return graph(title, signal, of="engine", **more)


def server(title: str, signal: Signal, **more: object) -> Chart:
    """A line for each API server."""
    return graph(title, signal, of="target", **more)


TABLE = Chart(
    "All engines",
    (
        column("Running", s.RUNNING),
        column("Waiting", s.WAITING),
        column("KV cache", s.KV_USAGE, c.KV_CACHE_USAGE),
        column("TTFT mean", s.TTFT_MEAN),
        column("ITL mean", s.ITL_MEAN),
        column("Output tokens/s", s.GENERATION_RATE),
        column("Steps/s", b.STEP_RATE),
        column("Restarts, 1 h", b.RESTARTS),
    ),
    "table", of="engine", width=24, height=9, sort_by="Waiting",
    labels=(("model_name", "Model"), ("instance", "Instance"), ("engine", "Engine")),
    note="An instance's name narrows this board to it.", to="vllm-engines",
)  # fmt: skip

ENGINES = Board(
    "vllm-engines",
    "vLLM / Engines",
    "Which engine is the odd one out, and how is it configured?",
    (
        Section(
            "",
            (
                tile("Engines", b.ENGINES, of="model", fold="sum"),
                tile("Targets down", b.TARGETS_DOWN, bad_from=1, empty="no target matches the selector"),
                tile("TTFT, odd one out", f.OUTLIER_TTFT, fc.OUTLIER_TTFT, empty="fewer than three engines of a model, or no traffic"),
                tile("ITL, odd one out", f.OUTLIER_ITL, fc.OUTLIER_ITL, empty="fewer than three engines of a model, or no traffic"),
                tile("KV, odd one out", f.IMBALANCE_KV, fc.IMBALANCE_KV, empty="fewer than two engines of a model"),
                tile("Running, odd one", f.IMBALANCE_RUNNING, fc.IMBALANCE_RUNNING, empty="fewer than two engines of a model"),
                tile("Configurations", f.CONFIG_VARIANTS, fc.CONFIG_DRIFT),
                tile("KV cache, fullest", s.KV_USAGE, c.KV_CACHE_USAGE),
            ),
        ),
        Section("Every engine", (TABLE,)),
        Section(
            "Load",
            (
                each("KV cache usage", s.KV_USAGE, check=c.KV_CACHE_USAGE),
                each("Running requests", s.RUNNING),
                each("Waiting requests", s.WAITING),
            ),
        ),
        Section(
            "Speed",
            (
                each("Time to first token, mean", s.TTFT_MEAN),
                each("Inter-token latency, mean", s.ITL_MEAN),
                each("Output tokens per second", s.GENERATION_RATE),
                each("Time to first token against the median", f.OUTLIER_TTFT, check=fc.OUTLIER_TTFT, empty="fewer than three engines of a model, or no traffic", width=12),
                each("Inter-token latency against the median", f.OUTLIER_ITL, check=fc.OUTLIER_ITL, empty="fewer than three engines of a model, or no traffic", width=12),
            ),
        ),
        Section(
            "API server process",
            (
                server("CPU cores used", b.CPU_CORES),
                server("Resident memory", s.RESIDENT_MEMORY),
                server("Open files", b.OPEN_FILES),
            ),
        ),
        Section(
            "Configuration, steps, garbage collection",
            (
                Chart(
                    "Cache configuration", (column("", b.CONFIG),), "table", of="target", by=tuple(label for label, _ in b.CONFIG_LABELS),
                    width=24, height=7, labels=(("instance", "Instance"), *b.CONFIG_LABELS),
                ),
                each("Engine steps per second", b.STEP_RATE),
                each("Tokens per engine step, mean", b.TOKENS_PER_STEP),
                Chart("Garbage collections per second", (Line(b.GC_RATE, "{{instance}} generation {{generation}}"),), of="target", by=("generation",)),
                server("Uptime", b.UPTIME, width=24, height=6),
            ),
            collapsed=True,
        ),
        DATA,
    ),
)  # fmt: skip
