"""Which engine is the odd one out, and how is it configured."""

from __future__ import annotations

from vllm_observability.catalog import board_signals as b
from vllm_observability.catalog import checks as c
from vllm_observability.catalog import fleet_checks as fc
from vllm_observability.catalog import fleet_signals as f
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.boards.layout import Board, Column, Graph, Section, Table, Tile
from vllm_observability.catalog.boards.shared import ANY_IS_BAD, DATA

VERDICT = Section(
    "",
    (
        Tile("Engines", b.ENGINES, fold="sum"),
        Tile("Targets down", b.TARGETS_DOWN, steps=ANY_IS_BAD, alert="VllmTargetDown"),
        Tile("TTFT, odd one out", f.OUTLIER_TTFT, fc.OUTLIER_TTFT, named=True),
        Tile("ITL, odd one out", f.OUTLIER_ITL, fc.OUTLIER_ITL, named=True),
        Tile("KV, odd one out", f.IMBALANCE_KV, fc.IMBALANCE_KV, named=True),
        Tile("Running, odd one", f.IMBALANCE_RUNNING, fc.IMBALANCE_RUNNING, named=True),
        Tile("Configurations", f.CONFIG_VARIANTS, fc.CONFIG_DRIFT),
        Tile("KV cache, fullest", s.KV_USAGE, c.KV_CACHE_USAGE),
    ),
)

TABLE = Table(
    "All engines",
    (
        Column("Running", s.RUNNING),
        Column("Waiting", s.WAITING),
        Column("KV cache", s.KV_USAGE, c.KV_CACHE_USAGE),
        Column("TTFT mean", s.TTFT_MEAN),
        Column("ITL mean", s.ITL_MEAN),
        Column("Tokens/s", s.GENERATION_RATE),
        Column("Steps/s", b.STEP_RATE),
        Column("Restarts", b.RESTARTS),
    ),
    of="engine",
    labels=(("model_name", "Model"), ("instance", "Instance"), ("engine", "Engine"), ("namespace", "Namespace")),
    sort_by="Waiting",
    to="vllm-engines",
    width=24,
    height=9,
    note="Restarts: in the last hour. Click an instance to narrow this board to it.",
)

LOAD = Section(
    "Load",
    (
        Graph("KV cache usage", s.KV_USAGE, c.KV_CACHE_USAGE, of="engine"),
        Graph("Running requests", s.RUNNING, of="engine"),
        Graph("Waiting requests", s.WAITING, of="engine"),
    ),
)

SPEED = Section(
    "Speed",
    (
        Graph("Time to first token, mean", s.TTFT_MEAN, of="engine"),
        Graph("Inter-token latency, mean", s.ITL_MEAN, of="engine"),
        Graph("Output tokens per second", s.GENERATION_RATE, of="engine"),
        Graph("Time to first token against the median", f.OUTLIER_TTFT, fc.OUTLIER_TTFT, of="engine", width=12),
        Graph("Inter-token latency against the median", f.OUTLIER_ITL, fc.OUTLIER_ITL, of="engine", width=12),
    ),
)

SERVERS = Section(
    "API server process",
    (
        Graph("CPU cores used", b.CPU_CORES, of="target"),
        Graph("Resident memory", s.RESIDENT_MEMORY, of="target"),
        Graph("Open files", b.OPEN_FILES, of="target"),
    ),
)

DETAILS = Section(
    "Configuration, steps, garbage collection",
    (
        Table(
            "Cache configuration",
            (Column("", b.CONFIG),),
            of="target",
            by=tuple(label for label, _ in b.CONFIG_LABELS),
            labels=(("instance", "Instance"), ("namespace", "Namespace"), *b.CONFIG_LABELS),
            width=24,
            height=7,
        ),
        Graph("Engine steps per second", b.STEP_RATE, of="engine"),
        Graph("Tokens per engine step, mean", b.TOKENS_PER_STEP, of="engine"),
        Graph(
            "Garbage collections per second",
            b.GC_RATE,
            of="target",
            by=("generation",),
            legend="{{instance}} generation {{generation}}",
        ),
        Graph("Uptime", b.UPTIME, of="target", width=24, height=6),
    ),
    collapsed=True,
)

ENGINES = Board(
    "vllm-engines",
    "vLLM / Engines",
    "Which engine is the odd one out, and how is it configured?",
    (VERDICT, Section("Every engine", (TABLE,)), LOAD, SPEED, SERVERS, DETAILS, DATA),
    servers=("raw", "fleet"),
)
