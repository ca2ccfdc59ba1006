"""The GPU and the pod beside each engine; emitted only where the settings say how exporters name the pod."""

from __future__ import annotations

from vllm_observability.catalog import beside as g
from vllm_observability.catalog.boards.layout import (
    FINE,
    SEVERITY_FILLS,
    Board,
    Column,
    Graph,
    Section,
    Steps,
    Table,
    Tile,
)

ANY: Steps = ((None, FINE), (1, SEVERITY_FILLS["warning"]))
HOTTEST = "The server with the hottest GPU."
VERDICT = Section(
    "",
    (
        Tile("GPU fault", g.GPU_FAULT, over="target", fold="worst", named=True, steps=ANY, alert="VllmGpuFault"),
        Tile("Throttled, most", g.GPU_THROTTLED, g.THROTTLED),
        Tile("GPU temperature, hottest", g.GPU_TEMPERATURE, over="target", fold="worst", note=HOTTEST),
        Tile("GPU memory, fullest", g.GPU_MEMORY, over="target", fold="worst"),
        Tile("GPU power", g.GPU_POWER, over="target", fold="sum", note="All servers chosen, added up."),
        Tile("Energy per token, most", g.GPU_ENERGY, over="target", fold="worst"),
        Tile("Killed for memory", g.POD_OOM, over="target", fold="sum", steps=ANY, alert="VllmRestarting"),
        Tile("Evicted", g.POD_EVICTED, over="target", fold="sum", steps=ANY, alert="VllmTargetDown"),
    ),
)

SERVERS = Table(
    "GPUs and pods of all servers",
    (
        Column("Throttled", g.GPU_THROTTLED, g.THROTTLED),
        Column("Temperature", g.GPU_TEMPERATURE),
        Column("Power", g.GPU_POWER),
        Column("Memory", g.GPU_MEMORY),
        Column("J per token", g.GPU_ENERGY),
        Column("Fault", g.GPU_FAULT, steps=ANY),
        Column("Restarts", g.POD_RESTARTS),
    ),
    of="target",
    by=("model_name",),
    labels=(("model_name", "Model"), ("instance", "Instance"), ("namespace", "Namespace")),
    sort_by="Throttled",
    to="vllm-engines",
    width=24,
    height=8,
    note="Fault: Xid code or memory errors of the last 15 minutes. Restarts: of containers, in the last hour.",
)

GPUS = Section(
    "GPUs",
    (
        Graph("GPU temperature", g.GPU_TEMPERATURE, of="target"),
        Graph("GPU power", g.GPU_POWER, of="target"),
        Graph("GPU throttled", g.GPU_THROTTLED, g.THROTTLED, of="target"),
        Graph("GPU memory used", g.GPU_MEMORY, of="target"),
        Graph("Energy per output token", g.GPU_ENERGY, of="target"),
        Graph("GPU faults in 15 minutes", g.GPU_FAULT, of="target"),
    ),
)

PODS = Section(
    "Pods",
    (
        Graph("Container restarts in an hour", g.POD_RESTARTS, of="target"),
        Graph("Killed for memory in an hour", g.POD_OOM, of="target"),
        Graph("Evicted in an hour", g.POD_EVICTED, of="target"),
    ),
)

BESIDE = Board(
    "vllm-gpu",
    "vLLM / GPU",
    "Is a GPU or a pod at fault where an engine is slow, stalled or gone?",
    (VERDICT, Section("Every server", (SERVERS,)), GPUS, PODS),
    servers=("raw", "fleet"),
    by_engine=False,
)
