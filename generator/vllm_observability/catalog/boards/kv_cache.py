"""Is the KV cache the bottleneck, and does caching pay."""

from __future__ import annotations

from vllm_observability.catalog import board_signals as b
from vllm_observability.catalog import capacity_signals as cap
from vllm_observability.catalog import checks as c
from vllm_observability.catalog import fleet_checks as fc
from vllm_observability.catalog import fleet_signals as f
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.boards.layout import Board, Graph, Line, Overlay, Section, Tile
from vllm_observability.catalog.boards.shared import DATA, OF_LEAST, WAITING_BY_REASON

VERDICT = Section(
    "",
    (
        Tile("KV cache, fullest", s.KV_USAGE, c.KV_CACHE_USAGE),
        Tile("Waiting per engine", s.WAITING_PER_ENGINE, c.REQUESTS_WAITING),
        Tile("Preempted, worst", s.PREEMPTIONS_PER_REQUEST, c.PREEMPTIONS),
        Tile("Queue drains in", f.QUEUE_DRAIN, fc.QUEUE_DRAIN, note="An hour means never."),
        Tile("KV cache, mean", s.KV_USAGE_MEAN),
        Tile("Room, least", cap.HEADROOM, fold="min", note=OF_LEAST),
        Tile("Prefix cache hits", s.PREFIX_HIT),
        Tile("Cached tokens/s", b.CACHED_PROMPT_RATE),
    ),
)

PRESSURE = Section(
    "Pressure",
    (
        Overlay(
            "KV cache usage over engines",
            (
                Line(s.KV_USAGE, "fullest", "orange"),
                Line(s.KV_USAGE_MEAN, "mean", "purple"),
                Line(b.KV_USAGE_MIN, "emptiest", "blue"),
            ),
            note="Lines far apart: the router loads engines unevenly.",
        ),
        Graph("KV cache usage by model, fullest engine", s.KV_USAGE, c.KV_CACHE_USAGE),
        Overlay(
            "Running and waiting requests",
            (Line(s.RUNNING, "running", "blue"), Line(s.WAITING, "waiting", "orange")),
        ),
    ),
)

FULL = Section(
    "What a full cache does",
    (
        Graph("Preemptions per request, by model", s.PREEMPTIONS_PER_REQUEST, c.PREEMPTIONS),
        Graph("Time to drain the queue, by model", f.QUEUE_DRAIN, fc.QUEUE_DRAIN),
        WAITING_BY_REASON,
    ),
)

PREFIX = Section(
    "Prefix cache",
    (
        Graph("Prefix cache hit ratio, by model", s.PREFIX_HIT),
        Overlay(
            "Prompt tokens/s, all and from the cache",
            (Line(s.PROMPT_RATE, "all", "blue"), Line(b.CACHED_PROMPT_RATE, "from the cache", "green")),
        ),
        Graph("Prompt length by model, mean", s.PROMPT_LENGTH),
    ),
)

BLOCKS = Section(
    "Block residency (--kv-cache-metrics, vLLM 0.12)",
    (
        Graph("Block lifetime, mean", b.BLOCK_LIFETIME),
        Graph("Idle before eviction, mean", b.BLOCK_IDLE),
        Graph("Gap between uses, mean", b.BLOCK_REUSE),
    ),
    collapsed=True,
)

OTHERS = Section(
    "External and multimodal cache (--kv-transfer-config, multimodal models)",
    (
        Graph("External cache hit ratio, by model", b.EXTERNAL_HIT, width=12),
        Graph("Multimodal cache hit ratio, by model", b.MM_HIT, width=12),
    ),
    collapsed=True,
)

KV_CACHE = Board(
    "vllm-kv-cache",
    "vLLM / KV cache",
    "Is the KV cache the bottleneck, and does caching pay?",
    (VERDICT, PRESSURE, FULL, PREFIX, BLOCKS, OTHERS, DATA),
)
