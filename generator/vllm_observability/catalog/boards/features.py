"""What is optional in vLLM, a closed row for each, named after the flag that turns it on."""

from __future__ import annotations

from vllm_observability.catalog import board_signals as b
from vllm_observability.catalog import checks as c
from vllm_observability.catalog import fleet_checks as fc
from vllm_observability.catalog import fleet_signals as f
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.boards.layout import Board, Column, Graph, Line, Overlay, Section, States, Table, Tile
from vllm_observability.catalog.boards.shared import DATA, percentiles

VERDICT = Section(
    "",
    (
        Tile("Draft acceptance, worst", s.SPEC_ACCEPTANCE, c.SPEC_ACCEPTANCE, width=4),
        Tile("Tokens a draft step", s.SPEC_TOKENS_PER_STEP, width=4, decimals=2),
        Tile("External cache hits", b.EXTERNAL_HIT, width=4),
        Tile("Failed KV transfers/s", f.KV_TRANSFER_FAILURES, fc.TRANSFER_FAILURES, width=4),
        Tile("Offload CPU cache", b.OFFLOAD_USAGE, width=4),
        Tile("FLOP/s per GPU, mean", b.FLOPS, over="engine", fold="avg", width=4),
    ),
)

SPECULATION = Section(
    "Speculative decoding (--speculative-config)",
    (
        Graph("Draft acceptance, by model", s.SPEC_ACCEPTANCE, c.SPEC_ACCEPTANCE),
        Graph(
            "Draft acceptance, by position",
            b.ACCEPTED_BY_POSITION,
            by=("position",),
            legend="{{model_name}} position {{position}}",
        ),
        Graph("Tokens per speculative step, by model", s.SPEC_TOKENS_PER_STEP),
        Overlay(
            "Draft tokens per second",
            (Line(b.DRAFTED_RATE, "proposed", "blue"), Line(b.ACCEPTED_RATE, "accepted", "green")),
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
            (Column("Last change", b.LORA),),
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
        Graph("Transfer time, mean", b.NIXL_TIME),
        Graph("Transfers per second", b.NIXL_RATE),
        Graph("Bytes transferred per second", b.NIXL_BYTES),
        Graph(
            "Failed transfers per second, by kind",
            b.TRANSFER_FAILURES_RATE,
            fc.TRANSFER_FAILURES,
            by=("of",),
            legend="{{model_name}} {{of}}",
        ),
        Graph("Expired requests per second", b.NIXL_EXPIRED),
        Graph("Requests that wait for KV, by stage", b.KV_FETCH, of="all", by=("stage",)),
    ),
    collapsed=True,
)

OFFLOAD = Section(
    "KV offload to CPU memory (--kv-offloading-size, vLLM 0.24)",
    (
        Overlay(
            "Bytes per second",
            (Line(b.OFFLOAD_LOAD, "loaded", "green"), Line(b.OFFLOAD_STORE, "stored", "blue")),
        ),
        Graph("CPU cache usage, by model", b.OFFLOAD_USAGE),
        Graph("Failed allocations per second", b.OFFLOAD_FAILURES),
    ),
    collapsed=True,
)

SLEEP = Section(
    "Sleep mode (--enable-sleep-mode, vLLM 0.12)",
    (States("Sleep", b.SLEEP_STATE, (("0", "awake", "green"), ("1", "asleep", "blue"))),),
    collapsed=True,
)

UTILIZATION = Section(
    "Model FLOPs utilization (--enable-mfu-metrics, vLLM 0.18)",
    (
        Graph("FLOP/s per GPU, by engine", b.FLOPS, of="engine"),
        Graph("Memory reads per GPU, by engine", b.MEMORY_READ, of="engine"),
        Graph("Memory writes per GPU, by engine", b.MEMORY_WRITE, of="engine"),
    ),
    collapsed=True,
)

FEATURES = Board(
    "vllm-features",
    "vLLM / Features",
    "Do the optional features pay: speculative decoding, LoRA, KV transfer and offload, sleep?",
    (VERDICT, SPECULATION, ADAPTERS, TRANSFER, OFFLOAD, SLEEP, UTILIZATION, DATA),
)
