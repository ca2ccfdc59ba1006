"""What is optional in vLLM, a closed row for each, named after the flag that turns it on."""

from __future__ import annotations

from vllm_observability.catalog import board_signals as b
from vllm_observability.catalog import checks as c
from vllm_observability.catalog import fleet_checks as fc
from vllm_observability.catalog import fleet_signals as f
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.boards.layout import (
    Board,
    Chart,
    Line,
    Section,
    column,
    graph,
    pairs,
    percentiles,
    tile,
)
from vllm_observability.catalog.boards.shared import DATA

FEATURES = Board(
    "vllm-features",
    "vLLM / Features",
    "Do the optional features pay: speculative decoding, LoRA, KV transfer and offload, sleep?",
    (
        Section(
            "",
            (
                tile("Draft acceptance, worst", s.SPEC_ACCEPTANCE, c.SPEC_ACCEPTANCE, width=4),
                tile("Tokens a draft step", s.SPEC_TOKENS_PER_STEP, width=4, decimals=2),
                tile("External cache hits", b.EXTERNAL_HIT, width=4),
                tile("Failed KV transfers/s", f.KV_TRANSFER_FAILURES, fc.TRANSFER_FAILURES, width=4),
                tile("Offload CPU cache", b.OFFLOAD_USAGE, width=4),
                tile("FLOP/s per GPU, mean", b.FLOPS, of="engine", fold="avg", width=4),
            ),
        ),
        Section(
            "Speculative decoding (--speculative-config)",
            (
                graph("Draft acceptance, by model", s.SPEC_ACCEPTANCE, check=c.SPEC_ACCEPTANCE),
                Chart("Draft acceptance, by position", (Line(b.ACCEPTED_BY_POSITION, "{{model_name}} position {{position}}"),), by=("position",)),
                graph("Tokens per speculative step, by model", s.SPEC_TOKENS_PER_STEP),
                pairs("Draft tokens per second", ((b.DRAFTED_RATE, "proposed", "blue"), (b.ACCEPTED_RATE, "accepted", "green")), width=12),
                percentiles("Inter-token latency", s.ITL_MEAN, s.ITL_P50, s.ITL_P95, s.ITL_P99, c.ITL, width=12),
            ),
            collapsed=True,
        ),
        Section(
            "LoRA adapters (--enable-lora)",
            (
                Chart(
                    "LoRA adapters", (column("Last change", b.LORA),), "table", of="target", width=24,
                    by=("max_lora", "running_lora_adapters", "waiting_lora_adapters"),
                    labels=(("instance", "Instance"), ("max_lora", "Fit at once"), ("running_lora_adapters", "Running"), ("waiting_lora_adapters", "Waiting")),
                ),
            ),
            collapsed=True,
        ),
        Section(
            "KV transfer over NIXL (--kv-transfer-config NixlConnector)",
            (
                graph("Transfer time, mean", b.NIXL_TIME),
                graph("Transfers per second", b.NIXL_RATE),
                graph("Bytes transferred per second", b.NIXL_BYTES),
                Chart("Failed transfers per second, by kind", (Line(b.TRANSFER_FAILURES_RATE, "{{model_name}} {{of}}"),), by=("of",), check=fc.TRANSFER_FAILURES),
                graph("Expired requests per second", b.NIXL_EXPIRED),
                Chart("Requests that wait for KV, by stage", (Line(b.KV_FETCH, "{{stage}}"),), of="all", by=("stage",)),
            ),
            collapsed=True,
        ),
        Section(
            "KV offload to CPU memory (--kv-offloading-size, vLLM 0.24)",
            (
                pairs("Bytes per second", ((b.OFFLOAD_LOAD, "loaded", "green"), (b.OFFLOAD_STORE, "stored", "blue"))),
                graph("CPU cache usage, by model", b.OFFLOAD_USAGE),
                graph("Failed allocations per second", b.OFFLOAD_FAILURES),
            ),
            collapsed=True,
        ),
        Section(
            "Sleep mode (--enable-sleep-mode, vLLM 0.12)",
            (
                Chart(
                    "Sleep", (Line(b.SLEEP_STATE),), "state-timeline", of="engine", width=24, height=7,
                    mappings=(("0", "awake", "green"), ("1", "asleep", "blue")),
                ),
            ),
            collapsed=True,
        ),
        Section(
            "Model FLOPs utilization (--enable-mfu-metrics, vLLM 0.18)",
            (
                graph("FLOP/s per GPU, by engine", b.FLOPS, of="engine"),
                graph("Memory reads per GPU, by engine", b.MEMORY_READ, of="engine"),
                graph("Memory writes per GPU, by engine", b.MEMORY_WRITE, of="engine"),
            ),
            collapsed=True,
        ),
        DATA,
    ),
)  # fmt: skip
