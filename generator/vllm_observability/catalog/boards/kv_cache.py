"""Is the KV cache the bottleneck, and does caching pay."""

from __future__ import annotations

from vllm_observability.catalog import board_signals as b
from vllm_observability.catalog import checks as c
from vllm_observability.catalog import fleet_checks as fc
from vllm_observability.catalog import fleet_signals as f
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.boards.layout import Board, Chart, Line, Section, graph, pairs, tile
from vllm_observability.catalog.boards.shared import DATA

KV_CACHE = Board(
    "vllm-kv-cache",
    "vLLM / KV cache",
    "Is the KV cache the bottleneck, and does caching pay?",
    (
        Section(
            "",
            (
                tile("KV cache, fullest", s.KV_USAGE, c.KV_CACHE_USAGE),
                tile("Waiting, worst", s.WAITING_PER_ENGINE, c.REQUESTS_WAITING),
                tile("Preempted, worst", s.PREEMPTIONS_PER_REQUEST, c.PREEMPTIONS),
                tile("Queue drains in", f.QUEUE_DRAIN, fc.QUEUE_DRAIN, "An hour stands for never."),
                tile("KV cache, mean", s.KV_USAGE_MEAN),
                tile("Room, requests", b.HEADROOM, of="model", fold="sum"),
                tile("Prefix cache hits", s.PREFIX_HIT),
                tile("Cached tokens/s", b.CACHED_PROMPT_RATE),
            ),
        ),
        Section(
            "Pressure",
            (
                pairs(
                    "KV cache usage over engines",
                    ((s.KV_USAGE, "fullest", "red"), (s.KV_USAGE_MEAN, "mean", "purple"), (b.KV_USAGE_MIN, "emptiest", "blue")),
                    note="Far apart: the router loads engines unevenly.",
                ),
                graph("KV cache usage by model, fullest engine", s.KV_USAGE, check=c.KV_CACHE_USAGE),
                pairs("Running and waiting requests", ((s.RUNNING, "running", "blue"), (s.WAITING, "waiting", "orange"))),
            ),
        ),
        Section(
            "What a full cache does",
            (
                graph("Preemptions per finished request, by model", s.PREEMPTIONS_PER_REQUEST, check=c.PREEMPTIONS),
                graph("Time to drain the queue, by model", f.QUEUE_DRAIN, check=fc.QUEUE_DRAIN),
                Chart(
                    "Waiting requests, by reason", (Line(b.WAITING_BY_REASON, "{{reason}}"),), of="all", by=("reason",),
                    stacked=True,
                ),
            ),
        ),
        Section(
            "Prefix cache",
            (
                graph("Prefix cache hit ratio, by model", s.PREFIX_HIT),
                pairs(
                    "Prompt tokens per second, all and from the cache",
                    ((s.PROMPT_RATE, "all", "blue"), (b.CACHED_PROMPT_RATE, "from the cache", "green")),
                ),
                graph("Prompt length by model, mean", s.PROMPT_LENGTH),
            ),
        ),
        Section(
            "Block residency (--kv-cache-metrics, vLLM 0.12)",
            (
                graph("Block lifetime, mean", b.BLOCK_LIFETIME),
                graph("Idle before eviction, mean", b.BLOCK_IDLE),
                graph("Gap between uses, mean", b.BLOCK_REUSE),
            ),
            collapsed=True,
        ),
        Section(
            "External and multimodal cache (--kv-transfer-config, multimodal models)",
            (
                graph("External cache hit ratio, by model", b.EXTERNAL_HIT, width=12),
                graph("Multimodal cache hit ratio, by model", b.MM_HIT, width=12),
            ),
            collapsed=True,
        ),
        DATA,
    ),
)  # fmt: skip
