"""The weekly capacity meeting: how much more fits, what the week cost, and how much of it was idle."""

from __future__ import annotations

from vllm_observability.catalog import board_signals as b
from vllm_observability.catalog import capacity_signals as cap
from vllm_observability.catalog import checks as c
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.boards.layout import Board, Column, Graph, Input, Section, Table, Tile
from vllm_observability.catalog.boards.shared import DATA, MEAN_MAX_LAST, MODEL_AND_PLACE, OF_LEAST
from vllm_observability.catalog.memory_signals import ENGINES_IDLE

OF_FULLEST = "The model that has the least, at its fullest moment."
WEEK = Section(
    "",
    (
        Tile("Spend", cap.SPEND, fold="sum"),
        Tile("Idle spend", cap.IDLE_SPEND, fold="sum"),
        Tile("KV cache over, longest", cap.KV_USAGE_OVER, fold="worst", note="The model for which it was longest."),
        Tile("Room, one gone, least", cap.ROOM_WITHOUT_ONE_LEAST, fold="min", note=OF_FULLEST),
    ),
)

EACH_MODEL = Section(
    "Each model, over the time range shown: a week, unless another is chosen",
    (
        Table(
            "Models, over the time range",
            (
                Column("Engine-hours", cap.ENGINE_HOURS),
                Column("Idle", cap.IDLE_SHARE),
                Column("Price", cap.PRICE),
                Column("Spend", cap.SPEND),
                Column("Idle spend", cap.IDLE_SPEND),
                Column("KV cache over", cap.KV_USAGE_OVER),
                Column("Waiting over", cap.WAITING_OVER),
                Column("TTFT over", cap.TTFT_OVER),
                Column("Room, one gone", cap.ROOM_WITHOUT_ONE_LEAST),
            ),
            labels=MODEL_AND_PLACE,
            sort_by="Spend",
            to="vllm-throughput",
            width=24,
            height=7,
            note="Over: how long above the warning threshold. Room, one gone: the least, with one engine fewer; below 0, so many would wait.",
        ),
    ),
)

NOW = Section(
    "Now",
    (
        Tile("KV cache, fullest", s.KV_USAGE, c.KV_CACHE_USAGE),
        Tile("Waiting per engine", s.WAITING_PER_ENGINE, c.REQUESTS_WAITING),
        Tile("KV cache full in", cap.TIME_TO_FULL, fold="min"),
        Tile("Room, least", cap.HEADROOM, fold="min", note=OF_LEAST),
        Tile("Engines", b.ENGINES, fold="sum"),
        Tile("Tokens/s each, least", cap.TOKENS_PER_ENGINE, fold="min", note=OF_LEAST),
        Tile("Cost an hour", cap.COST_HOUR, fold="sum"),
        Tile("Cost per M output, most", cap.COST_OUTPUT, fold="worst", note="The model that costs most."),
    ),
)

ROOM = Section(
    "Room",
    (
        Graph("Room for more requests, by model", cap.HEADROOM),
        Graph("Room with one engine gone, by model", cap.ROOM_WITHOUT_ONE),
        Graph("KV cache usage by model, mean", s.KV_USAGE_MEAN),
    ),
)

SHOWN_IT_CAN = "The maximum is what an engine has shown it can do."
EACH = Section(
    "What an engine does",
    (
        Graph(
            "Output tokens/s per engine, by model",
            cap.TOKENS_PER_ENGINE,
            calcs=MEAN_MAX_LAST,
            note=SHOWN_IT_CAN,
            width=12,
        ),
        Graph("Room to the most, by model", cap.ROOM_SHOWN, width=12),
        Graph("Finished requests/s per engine, by model", cap.PER_ENGINE_REQUESTS, calcs=MEAN_MAX_LAST, width=12),
        Graph("Engines by model", b.ENGINES, width=12),
    ),
)

COST = Section(
    "What it costs",
    (
        Graph("Cost per million output tokens, by model", cap.COST_OUTPUT),
        Graph("Cost per M tokens, in and out, by model", cap.COST_ALL),
        Graph("Idle engines, by model", ENGINES_IDLE),
        Table(
            "Models",
            (
                Column("Engines", b.ENGINES),
                Column("Fit", cap.REQUESTS_THAT_FIT),
                Column("Running", s.RUNNING),
                Column("Tokens/s per engine", cap.TOKENS_PER_ENGINE),
                Column("Cost per M output", cap.COST_OUTPUT),
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
    "How much more work fits, what did the week cost, and how much of it was idle?",
    (WEEK, EACH_MODEL, NOW, ROOM, EACH, COST, DATA),
    inputs=(
        Input(
            "price",
            "Price of an engine per hour",
            "2.50",
            "Price of all GPUs of one engine together, in your currency. Prices in the settings are used instead of it.",
        ),
    ),
    since="now-7d",
    refresh="15m",
)
