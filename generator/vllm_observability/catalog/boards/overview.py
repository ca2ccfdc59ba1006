"""The first board: is it up, fast, not full, not failing, and for which model not."""

from __future__ import annotations

from vllm_observability.catalog import board_signals as b
from vllm_observability.catalog import budget_signals as budgets
from vllm_observability.catalog import checks as c
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.boards.layout import Board, Column, Graph, Section, Table, Tile
from vllm_observability.catalog.boards.shared import (
    ALERTS,
    ANY_IS_BAD,
    BUDGET_LEFT,
    BUDGET_OVER,
    DATA,
    MODEL_AND_PLACE,
    finish_reasons,
)

OF_ONE_USER = "This is what a single user sees."
VERDICT = Section(
    "",
    (
        Tile("Targets down", b.TARGETS_DOWN, steps=ANY_IS_BAD, alert="VllmTargetDown", to="vllm-engines"),
        Tile("TTFT p95, worst", s.TTFT_P95, c.TTFT, to="vllm-latency"),
        Tile("ITL p95, worst", s.ITL_P95, c.ITL, to="vllm-latency"),
        Tile("KV cache, fullest", s.KV_USAGE, c.KV_CACHE_USAGE, to="vllm-kv-cache"),
        Tile("Waiting per engine", s.WAITING_PER_ENGINE, c.REQUESTS_WAITING, to="vllm-kv-cache"),
        Tile("Errors, worst", s.ERROR_SHARE, c.REQUEST_ERRORS, to="vllm-throughput"),
        Tile("HTTP 5xx", s.HTTP_ERROR_SHARE, c.HTTP_ERRORS, to="vllm-throughput"),
        Tile("TTFT budget", budgets.LEFT["ttft"], fold="min", steps=BUDGET_LEFT, note=BUDGET_OVER, to="vllm-slo"),
        Tile("Engines", b.ENGINES, fold="sum"),
        Tile("Running", s.RUNNING),
        Tile("TTFT, mean", s.TTFT_MEAN),
        Tile("Tokens/s per user", s.DECODE_SPEED, note=OF_ONE_USER),
        Tile("Prefix cache hits", s.PREFIX_HIT, to="vllm-kv-cache"),
        Tile("Requests/s", s.REQUEST_RATE, to="vllm-throughput"),
        Tile("Prompt tokens/s", s.PROMPT_RATE, to="vllm-throughput"),
        Tile("Output tokens/s", s.GENERATION_RATE, to="vllm-throughput"),
    ),
)

MODELS = Table(
    "Models",
    (
        Column("Engines", b.ENGINES),
        Column("Running", s.RUNNING),
        Column("Waiting", s.WAITING_PER_ENGINE, c.REQUESTS_WAITING),
        Column("KV cache", s.KV_USAGE, c.KV_CACHE_USAGE),
        Column("TTFT p95", s.TTFT_P95, c.TTFT),
        Column("ITL p95", s.ITL_P95, c.ITL),
        Column("Tokens/s", s.GENERATION_RATE),
        Column("Errors", s.ERROR_SHARE, c.REQUEST_ERRORS),
    ),
    labels=MODEL_AND_PLACE,
    sort_by="Waiting",
    to="vllm-latency",
    width=24,
    note="Waiting is per engine. Click a model for its latency board. vLLM counts errors from 0.13.0 on.",
)

SPEED = Section(
    "Speed",
    (
        Graph("Time to first token by model, p95", s.TTFT_P95, c.TTFT, to="vllm-latency"),
        Graph("Inter-token latency by model, p95", s.ITL_P95, c.ITL, to="vllm-latency"),
        Graph("End-to-end latency by model, p95", s.E2E_P95, to="vllm-latency"),
    ),
)

WORK = Section(
    "Work",
    (
        Graph("Output tokens per second by model", s.GENERATION_RATE, to="vllm-throughput"),
        Graph("Running requests by model", s.RUNNING),
        finish_reasons("Finished requests per second, by reason"),
    ),
)

TROUBLE = Section(
    "Room and failures",
    (
        Graph("KV cache usage by model, fullest engine", s.KV_USAGE, c.KV_CACHE_USAGE, to="vllm-kv-cache"),
        Graph("Waiting requests per engine, by model", s.WAITING_PER_ENGINE, c.REQUESTS_WAITING),
        Graph(
            "Share finished with error, by model",
            s.ERROR_SHARE,
            c.REQUEST_ERRORS,
            to="vllm-throughput",
        ),
    ),
)

OVERVIEW = Board(
    "vllm-overview",
    "vLLM / Overview",
    "Is every model up, fast, not full, and not failing?",
    (VERDICT, Section("Which model, and what fires", (MODELS, ALERTS)), SPEED, WORK, TROUBLE, DATA),
)
