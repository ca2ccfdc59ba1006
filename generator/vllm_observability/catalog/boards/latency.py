"""Where users wait: in the queue, for the first token, between tokens."""

from __future__ import annotations

from vllm_observability.catalog import checks as c
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.boards.layout import (
    DECODE,
    PREFILL,
    QUEUE,
    Board,
    Chart,
    Line,
    Section,
    graph,
    pairs,
    percentiles,
    tile,
)
from vllm_observability.catalog.boards.shared import DATA
from vllm_observability.model import Signal


def heatmap(title: str, signal: Signal) -> Chart:
    """All observations by bucket: two humps are two kinds of requests, which no percentile shows."""
    note = "Requests per second in each bucket; darker is more. The last row is everything above the last bound."
    return Chart(title, (Line(signal),), "heatmap", "all", note=note)


LATENCY = Board(
    "vllm-latency",
    "vLLM / Latency",
    "Where do users wait: in the queue, for the first token, or between tokens?",
    (
        Section(
            "",
            (
                tile("TTFT p95, worst", s.TTFT_P95, c.TTFT),
                tile("ITL p95, worst", s.ITL_P95, c.ITL),
                tile("Queue, worst mean", s.QUEUE_MEAN, c.QUEUE_TIME),
                tile("TTFT, mean", s.TTFT_MEAN),
                tile("ITL, mean", s.ITL_MEAN),
                tile("TPOT, mean", s.TPOT_MEAN),
                tile("E2E, mean", s.E2E_MEAN),
                tile("E2E p95", s.E2E_P95),
            ),
        ),
        Section(
            "How slow",
            (
                percentiles("Time to first token", s.TTFT_MEAN, s.TTFT_P50, s.TTFT_P95, s.TTFT_P99, c.TTFT),
                percentiles("Inter-token latency", s.ITL_MEAN, s.ITL_P50, s.ITL_P95, s.ITL_P99, c.ITL),
                percentiles("End-to-end latency", s.E2E_MEAN, s.E2E_P50, s.E2E_P95, s.E2E_P99),
            ),
        ),
        Section(
            "Where the time goes",
            (
                pairs(
                    "Mean time of a request, by phase",
                    ((s.QUEUE_MEAN, "queue", QUEUE), (s.PREFILL_MEAN, "prefill", PREFILL), (s.DECODE_MEAN, "decode", DECODE)),
                    stacked=True, note="Of finished requests. A preempted request's second wait counts as inference.",
                ),
                graph("Queue time by model, mean", s.QUEUE_MEAN, check=c.QUEUE_TIME),
                graph("Prefill time by model, mean", s.PREFILL_MEAN),
            ),
        ),
        Section(
            "Which model",
            (
                graph("Time to first token by model, mean", s.TTFT_MEAN),
                graph("Inter-token latency by model, mean", s.ITL_MEAN),
                graph("Tokens per second of one request, by model", s.DECODE_SPEED),
            ),
        ),
        Section(
            "How it is spread",
            (
                heatmap("Time to first token, heatmap", s.TTFT_P95),
                heatmap("Inter-token latency, heatmap", s.ITL_P95),
                heatmap("End-to-end latency, heatmap", s.E2E_P95),
            ),
        ),
        DATA,
    ),
)  # fmt: skip
