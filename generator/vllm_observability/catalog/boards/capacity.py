"""How much more fits, when it is full, and what it costs."""

from __future__ import annotations

from vllm_observability.catalog import board_signals as b
from vllm_observability.catalog import checks as c
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.boards.layout import Board, Column, Graph, Input, Section, Table, Tile
from vllm_observability.catalog.boards.shared import DATA, MEAN_MAX_LAST, MODEL_AND_PLACE, OF_LEAST

VERDICT = Section(
    "",
    (
        Tile("KV cache, fullest", s.KV_USAGE, c.KV_CACHE_USAGE),
        Tile("Waiting per engine", s.WAITING_PER_ENGINE, c.REQUESTS_WAITING),
        Tile("KV cache full in", b.TIME_TO_FULL, fold="min"),
        Tile("Room, least", b.HEADROOM, fold="min", note=OF_LEAST),
        Tile("Engines", b.ENGINES, fold="sum"),
        Tile("Tokens/s each, least", b.TOKENS_PER_ENGINE, fold="min", note=OF_LEAST),
        Tile("Cost an hour", b.COST_HOUR),
        Tile("Cost per M output", b.COST_OUTPUT),
    ),
)

ROOM = Section(
    "Room",
    (
        Graph("Requests that fit, by model", b.REQUESTS_THAT_FIT),
        Graph("Room for more requests, by model", b.HEADROOM),
        Graph("KV cache usage by model, mean over engines", s.KV_USAGE_MEAN),
    ),
)

SHOWN_IT_CAN = "The maximum is what an engine has shown it can do."
EACH = Section(
    "What an engine does",
    (
        Graph(
            "Output tokens per second per engine, by model",
            b.TOKENS_PER_ENGINE,
            calcs=MEAN_MAX_LAST,
            note=SHOWN_IT_CAN,
        ),
        Graph("Finished requests per second per engine, by model", b.PER_ENGINE_REQUESTS, calcs=MEAN_MAX_LAST),
        Graph("Engines by model", b.ENGINES),
    ),
)

COST = Section(
    "What it costs",
    (
        Graph("Cost per million output tokens, by model", b.COST_OUTPUT, width=12),
        Graph("Cost per million tokens, prompt and output, by model", b.COST_ALL, width=12),
        Table(
            "Models",
            (
                Column("Engines", b.ENGINES),
                Column("Fit", b.REQUESTS_THAT_FIT),
                Column("Running", s.RUNNING),
                Column("Tokens/s per engine", b.TOKENS_PER_ENGINE),
                Column("Cost per M output", b.COST_OUTPUT),
            ),
            labels=MODEL_AND_PLACE,
            sort_by="Running",
            to="vllm-throughput",
            width=24,
            height=6,
        ),
    ),
)

CAPACITY = Board(
    "vllm-capacity",
    "vLLM / Capacity",
    "How much more work fits, when is it full, and what does it cost?",
    (VERDICT, ROOM, EACH, COST, DATA),
    inputs=(
        Input(
            "price",
            "Price of an engine per hour",
            "2.50",
            "Price of all GPUs of one engine together, in your currency.",
        ),
    ),
)
