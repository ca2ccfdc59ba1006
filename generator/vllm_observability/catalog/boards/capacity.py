"""How much more fits, when it is full, and what it costs."""

from __future__ import annotations

from vllm_observability.catalog import board_signals as b
from vllm_observability.catalog import checks as c
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.boards.layout import Board, Chart, Input, Section, column, graph, pairs, tile
from vllm_observability.catalog.boards.shared import DATA

CAPACITY = Board(
    "vllm-capacity",
    "vLLM / Capacity",
    "How much more work fits, when is it full, and what does it cost?",
    (
        Section(
            "",
            (
                tile("KV cache, fullest", s.KV_USAGE, c.KV_CACHE_USAGE),
                tile("Waiting, worst", s.WAITING_PER_ENGINE, c.REQUESTS_WAITING),
                tile("KV cache full in", b.TIME_TO_FULL, of="model", fold="min", empty="usage does not rise"),
                tile("Room, requests", b.HEADROOM, of="model", fold="sum"),
                tile("Engines", b.ENGINES, of="model", fold="sum"),
                tile("Tokens/s each", b.TOKENS_PER_ENGINE),
                tile("Cost an hour", b.COST_HOUR, decimals=2),
                tile("Cost per M output", b.COST_OUTPUT, decimals=2),
            ),
        ),
        Section(
            "Room",
            (
                pairs("Requests that run, and that fit", ((s.RUNNING, "running", "blue"), (b.REQUESTS_THAT_FIT, "fit", "green"))),
                graph("Room for more requests, by model", b.HEADROOM),
                graph("KV cache usage by model, mean over engines", s.KV_USAGE_MEAN),
            ),
        ),
        Section(
            "What an engine does",
            (
                graph("Output tokens per second per engine, by model", b.TOKENS_PER_ENGINE, calcs=("mean", "max", "lastNotNull"),
                      note="The maximum is what an engine has shown it can do."),
                graph("Finished requests per second per engine, by model", b.PER_ENGINE_REQUESTS, calcs=("mean", "max", "lastNotNull")),
                graph("Engines by model", b.ENGINES),
            ),
        ),
        Section(
            "What it costs",
            (
                graph("Cost per million output tokens, by model", b.COST_OUTPUT, decimals=2, width=12),
                graph("Cost per million tokens, prompt and output, by model", b.COST_ALL, decimals=2, width=12),
                Chart(
                    "Models",
                    (
                        column("Engines", b.ENGINES), column("Fit", b.REQUESTS_THAT_FIT), column("Running", s.RUNNING),
                        column("Tokens/s per engine", b.TOKENS_PER_ENGINE), column("Cost per M output", b.COST_OUTPUT),
                    ),
                    "table", width=24, height=6, labels=(("model_name", "Model"), ("namespace", "Namespace")), to="vllm-throughput", sort_by="Running",
                ),
            ),
        ),
        DATA,
    ),
    inputs=(Input("price", "Price of an engine per hour", "2.50", "In your currency, all GPUs of the engine together."),),
)  # fmt: skip
