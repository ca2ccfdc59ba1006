"""The first board: is it up, fast, not full, not failing, and for which model not."""

from __future__ import annotations

from vllm_observability.catalog import board_signals as b
from vllm_observability.catalog import checks as c
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.boards.layout import Board, Chart, Section, Spend, column, graph, tile
from vllm_observability.catalog.boards.shared import ALERTS, DATA, finish_reasons

VERDICT = Section(
    "",
    (
        tile("Targets down", b.TARGETS_DOWN, bad_from=1, to="vllm-engines", empty="no target matches the selector"),
        tile("TTFT p95, worst", s.TTFT_P95, c.TTFT, to="vllm-latency"),
        tile("ITL p95, worst", s.ITL_P95, c.ITL, to="vllm-latency"),
        tile("KV cache, fullest", s.KV_USAGE, c.KV_CACHE_USAGE, to="vllm-kv-cache"),
        tile("Waiting, worst", s.WAITING_PER_ENGINE, c.REQUESTS_WAITING, to="vllm-kv-cache"),
        tile(
            "Errors, worst", s.ERROR_SHARE, c.REQUEST_ERRORS, "Known from vLLM 0.13.0 on.",
            to="vllm-throughput",
        ),
        tile("HTTP 5xx, worst", s.HTTP_ERROR_SHARE, c.HTTP_ERRORS, to="vllm-throughput"),
        tile(
            "TTFT budget left", Spend("ttft", "left"), of="model", fold="min", recorded=True, steps_of="budget",
            to="vllm-slo",
        ),
        tile("Engines", b.ENGINES, of="model", fold="sum", to="vllm-engines"),
        tile("TTFT, mean", s.TTFT_MEAN),
        tile("Tokens/s per user", s.DECODE_SPEED, note="1 / mean inter-token latency: what a single user sees."),
        tile("Running", s.RUNNING),
        tile("Prefix cache hits", s.PREFIX_HIT, to="vllm-kv-cache"),
        tile("Requests/s", s.REQUEST_RATE, to="vllm-throughput"),
        tile("Prompt tokens/s", s.PROMPT_RATE, to="vllm-throughput"),
        tile("Output tokens/s", s.GENERATION_RATE, to="vllm-throughput"),
    ),
)  # fmt: skip

MODELS = Chart(
    "Models",
    (
        column("Engines", b.ENGINES),
        column("Running", s.RUNNING),
        column("Waiting", s.WAITING_PER_ENGINE, c.REQUESTS_WAITING),
        column("KV cache", s.KV_USAGE, c.KV_CACHE_USAGE),
        column("TTFT p95", s.TTFT_P95, c.TTFT),
        column("ITL p95", s.ITL_P95, c.ITL),
        column("Tokens/s", s.GENERATION_RATE),
        column("Errors", s.ERROR_SHARE, c.REQUEST_ERRORS),
    ),
    "table", width=15, height=8, to="vllm-latency", sort_by="Waiting",
    labels=(("model_name", "Model"), ("namespace", "Namespace")),
    note="Waiting is per engine. A model's name leads to its latency board. Errors are known from vLLM 0.13.0 on.",
)  # fmt: skip

OVERVIEW = Board(
    "vllm-overview",
    "vLLM / Overview",
    "Is every model up, fast, not full, and not failing?",
    (
        VERDICT,
        Section("Which model, and what fires", (MODELS, ALERTS)),
        Section(
            "Speed",
            (
                graph("Time to first token by model, p95", s.TTFT_P95, check=c.TTFT, to="vllm-latency"),
                graph("Inter-token latency by model, p95", s.ITL_P95, check=c.ITL, to="vllm-latency"),
                graph("End-to-end latency by model, p95", s.E2E_P95, to="vllm-latency"),
            ),
        ),
        Section(
            "Work",
            (
                graph("Output tokens per second by model", s.GENERATION_RATE, to="vllm-throughput"),
                graph("Running requests by model", s.RUNNING),
                finish_reasons("Finished requests per second, by reason"),
            ),
        ),
        Section(
            "Room and failures",
            (
                graph("KV cache usage by model, fullest engine", s.KV_USAGE, check=c.KV_CACHE_USAGE, to="vllm-kv-cache"),
                graph("Waiting requests per engine, by model", s.WAITING_PER_ENGINE, check=c.REQUESTS_WAITING),
                graph(
                    "Share finished with error, by model", s.ERROR_SHARE, check=c.REQUEST_ERRORS, to="vllm-throughput",
                    note="Older versions count none and always show 0.",
                ),
            ),
        ),
        DATA,
    ),
)  # fmt: skip
