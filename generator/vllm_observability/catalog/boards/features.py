"""What is optional in vLLM, a closed row for each, named after the flag that turns it on."""

from __future__ import annotations

from vllm_observability.catalog import board_signals as b
from vllm_observability.catalog import checks as c
from vllm_observability.catalog import feature_signals as o
from vllm_observability.catalog import fleet_checks as fc
from vllm_observability.catalog import fleet_signals as f
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.boards.layout import Board, Column, Graph, Line, Overlay, Section, States, Table, Tile
from vllm_observability.catalog.boards.shared import DATA, percentiles
from vllm_observability.model import Signal

# Where cached tokens lay: the nearer the cooler.
TIER_COLORS = (("device", "green"), ("host", "blue"), ("p2p", "purple"), ("disk", "orange"))

VERDICT = Section(
    "",
    (
        Tile("Draft acceptance, worst", s.SPEC_ACCEPTANCE, c.SPEC_ACCEPTANCE, width=4),
        Tile("Tokens a draft step", s.SPEC_TOKENS_PER_STEP, width=4, decimals=2),
        Tile("External cache hits", b.EXTERNAL_HIT, width=4),
        Tile("Failed KV transfers/s", f.KV_TRANSFER_FAILURES, fc.TRANSFER_FAILURES, width=4),
        Tile("Offload CPU cache", o.OFFLOAD_USAGE, width=4),
        Tile("FLOP/s per GPU, mean", o.FLOPS, over="engine", fold="avg", width=4),
    ),
)

SPECULATION = Section(
    "Speculative decoding (--speculative-config)",
    (
        Graph("Draft acceptance, by model", s.SPEC_ACCEPTANCE, c.SPEC_ACCEPTANCE),
        Graph(
            "Draft acceptance, by position",
            o.ACCEPTED_BY_POSITION,
            by=("position",),
            legend="{{model_name}} position {{position}}",
        ),
        Graph("Tokens per speculative step, by model", s.SPEC_TOKENS_PER_STEP),
        Overlay(
            "Draft tokens per second",
            (Line(o.DRAFTED_RATE, "proposed", "blue"), Line(o.ACCEPTED_RATE, "accepted", "green")),
            width=12,
        ),
        percentiles("Inter-token latency", s.ITL_MEAN, s.ITL_P50, s.ITL_P95, s.ITL_P99, c.ITL, width=12),
    ),
    collapsed=True,
)

ADAPTERS = Section(
    "LoRA adapters (--enable-lora)",
    (
        Table(
            "LoRA adapters",
            (Column("Last change", o.LORA),),
            of="target",
            by=("max_lora", "running_lora_adapters", "waiting_lora_adapters"),
            labels=(
                ("instance", "Instance"),
                ("namespace", "Namespace"),
                ("max_lora", "Fit at once"),
                ("running_lora_adapters", "Running"),
                ("waiting_lora_adapters", "Waiting"),
            ),
            width=24,
        ),
    ),
    collapsed=True,
)

TRANSFER = Section(
    "KV transfer over NIXL (--kv-transfer-config NixlConnector)",
    (
        Graph("Transfer time, mean", o.NIXL_TIME),
        Graph("Transfers per second", o.NIXL_RATE),
        Graph("Bytes transferred per second", o.NIXL_BYTES),
        Graph(
            "Failed transfers per second, by kind",
            o.TRANSFER_FAILURES_RATE,
            fc.TRANSFER_FAILURES,
            by=("of",),
            legend="{{model_name}} {{of}}",
        ),
        Graph("Expired requests per second", o.NIXL_EXPIRED),
        Graph("Time to post a transfer, mean", o.NIXL_POST),
        Graph("Descriptors per transfer, mean", o.NIXL_DESCRIPTORS),
        Overlay(
            "Failed and late notifications per second",
            (Line(o.NIXL_LOST, "failed", "orange"), Line(o.NIXL_LATE, "after expiry", "purple")),
        ),
        Graph("Requests that wait for KV, by stage", o.KV_FETCH, of="all", by=("stage",)),
    ),
    collapsed=True,
)


def _two_ways(title: str, load: Signal, store: Signal, width: int = 8) -> Overlay:
    return Overlay(title, (Line(load, "loads", "green"), Line(store, "stores", "blue")), width=width)


OFFLOAD = Section(
    "KV offload to CPU memory (--kv-offloading-size, vLLM 0.24)",
    (
        Overlay(
            "Bytes per second",
            (Line(o.OFFLOAD_LOAD, "loaded", "green"), Line(o.OFFLOAD_STORE, "stored", "blue")),
        ),
        Graph("CPU cache usage, by model", o.OFFLOAD_USAGE),
        Graph("Failed allocations per second", o.OFFLOAD_FAILURES),
        _two_ways("Speed of loads and stores", o.OFFLOAD_LOAD_SPEED, o.OFFLOAD_STORE_SPEED),
        _two_ways("Size of a load and of a store, mean", o.OFFLOAD_LOAD_SIZE, o.OFFLOAD_STORE_SIZE),
        Overlay(
            "Lookup delay, mean",
            (Line(o.OFFLOAD_LOOKUP_SYNC, "sync", "orange"), Line(o.OFFLOAD_LOOKUP_ASYNC, "async", "purple")),
            log=True,
        ),
        _two_ways("CPU cache held by loads and stores", o.OFFLOAD_READ_USAGE, o.OFFLOAD_WRITE_USAGE, width=12),
        Graph("Skipped stores per second", o.OFFLOAD_SKIPPED, width=12),
    ),
    collapsed=True,
)

SIMPLE = Section(
    "Simple KV offload (--kv-transfer-config SimpleCPUOffloadConnector, vLLM 0.31)",
    (
        Graph("Blocks offered per second, by outcome", o.SIMPLE_OUTCOMES, of="all", by=("outcome",), stacked=True),
        Graph("Blocks restored per second", o.SIMPLE_LOADED),
        Overlay(
            "Offloaded blocks",
            (Line(o.SIMPLE_USED, "in use", "blue"), Line(o.SIMPLE_PENDING, "in pending stores", "orange")),
        ),
    ),
    collapsed=True,
)

TIERS = Section(
    "Where cached prompt tokens lay (vLLM 0.32)",
    (
        Graph(
            "Cached prompt tokens per second, by tier",
            o.CACHED_BY_TIER,
            of="all",
            by=("source",),
            stacked=True,
            colors=TIER_COLORS,
            width=24,
        ),
    ),
    collapsed=True,
)

SLEEP = Section(
    "Sleep mode (--enable-sleep-mode, vLLM 0.12)",
    (
        States(
            "Sleep",
            o.SLEEP_STATE,
            (("0", "awake", "super-light-green"), ("1", "asleep", "dark-blue"), ("2", "discarded", "dark-purple")),
        ),
        *(
            Graph(title, signal, of="target", by=("operation",), legend="{{instance}} {{operation}}", width=12)
            for title, signal in (
                ("Sleep operations, mean duration", o.SLEEP_TIME),
                ("Weight updates, mean duration", o.WEIGHT_UPDATE_TIME),
            )
        ),
    ),
    collapsed=True,
)

UTILIZATION = Section(
    "Model FLOPs utilization (--enable-mfu-metrics, vLLM 0.18)",
    (
        Graph("FLOP/s per GPU, by engine", o.FLOPS, of="engine"),
        Graph("Memory reads per GPU, by engine", o.MEMORY_READ, of="engine"),
        Graph("Memory writes per GPU, by engine", o.MEMORY_WRITE, of="engine"),
    ),
    collapsed=True,
)

FEATURES = Board(
    "vllm-features",
    "vLLM / Features",
    "Do the optional features pay: speculative decoding, LoRA, KV transfer and offload, sleep?",
    (VERDICT, SPECULATION, ADAPTERS, TRANSFER, OFFLOAD, SIMPLE, TIERS, SLEEP, UTILIZATION, DATA),
)
