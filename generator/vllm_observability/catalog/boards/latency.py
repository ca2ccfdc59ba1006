"""Where users wait: in the queue, for the first token, between tokens."""

from __future__ import annotations

from vllm_observability.catalog import checks as c
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.boards.layout import Board, Graph, Heatmap, Line, Overlay, Section, Tile
from vllm_observability.catalog.boards.shared import DATA, DECODE, PREFILL, QUEUE, percentiles

VERDICT = Section(
    "",
    (
        Tile("TTFT p95, worst", s.TTFT_P95, c.TTFT),
        Tile("ITL p95, worst", s.ITL_P95, c.ITL),
        Tile("Queue, worst mean", s.QUEUE_MEAN, c.QUEUE_TIME),
        Tile("TTFT, mean", s.TTFT_MEAN),
        Tile("ITL, mean", s.ITL_MEAN),
        Tile("TPOT, mean", s.TPOT_MEAN),
        Tile("E2E, mean", s.E2E_MEAN),
        Tile("E2E p95", s.E2E_P95),
    ),
)

HOW_SLOW = Section(
    "How slow",
    (
        percentiles("Time to first token", s.TTFT_MEAN, s.TTFT_P50, s.TTFT_P95, s.TTFT_P99, c.TTFT),
        percentiles("Inter-token latency", s.ITL_MEAN, s.ITL_P50, s.ITL_P95, s.ITL_P99, c.ITL),
        percentiles("End-to-end latency", s.E2E_MEAN, s.E2E_P50, s.E2E_P95, s.E2E_P99),
    ),
)

# What the seconds above are judged beside: an alert on them asks whether the work explains them.
HURT = Section(
    "Who is hurt",
    (
        Graph("Late starts, by model", s.LATE_STARTS, width=12),
        Graph("Slow answers, by model", s.SLOW_ANSWERS, width=12),
    ),
)

PHASES = Section(
    "Where the time goes",
    (
        Overlay(
            "Mean time of a request, by phase",
            (
                Line(s.QUEUE_MEAN, "queue", QUEUE),
                Line(s.PREFILL_MEAN, "prefill", PREFILL),
                Line(s.DECODE_MEAN, "decode", DECODE),
            ),
            stacked=True,
            note="Finished requests only. A preempted request's second wait counts as inference.",
        ),
        Graph("Queue time by model, mean", s.QUEUE_MEAN, c.QUEUE_TIME),
        Graph("Prefill time by model, mean", s.PREFILL_MEAN),
    ),
)

MODELS = Section(
    "Which model",
    (
        Graph("Time to first token by model, mean", s.TTFT_MEAN),
        Graph("Inter-token latency by model, mean", s.ITL_MEAN),
        Graph("Tokens/s of one request, by model", s.DECODE_SPEED),
    ),
)

SPREAD = Section(
    "How it is spread",
    (
        Heatmap("Time to first token, heatmap", s.TTFT_P95),
        Heatmap("Inter-token latency, heatmap", s.ITL_P95),
        Heatmap("End-to-end latency, heatmap", s.E2E_P95),
    ),
)

LATENCY = Board(
    "vllm-latency",
    "vLLM / Latency",
    "Where do users wait: in the queue, for the first token, or between tokens?",
    (VERDICT, HOW_SLOW, HURT, PHASES, MODELS, SPREAD, DATA),
)
