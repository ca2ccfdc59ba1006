"""How much work is done, of what shape, and how it ends."""

from __future__ import annotations

from vllm_observability.catalog import board_signals as b
from vllm_observability.catalog import checks as c
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.boards.layout import STATUSES, Board, Chart, Line, Section, graph, percentiles, tile
from vllm_observability.catalog.boards.shared import DATA, finish_reasons

THROUGHPUT = Board(
    "vllm-throughput",
    "vLLM / Throughput",
    "How much work is done, of what shape, and how does it end?",
    (
        Section(
            "",
            (
                tile("Errors, worst", s.ERROR_SHARE, c.REQUEST_ERRORS, "Known from vLLM 0.13.0 on."),
                tile("Cut off, worst", s.LENGTH_SHARE, c.TRUNCATION),
                tile("Aborted, worst", s.ABORT_SHARE, c.ABORTS),
                tile("Requests/s", s.REQUEST_RATE),
                tile("Prompt tokens/s", s.PROMPT_RATE),
                tile("Output tokens/s", s.GENERATION_RATE),
                tile("Prompt length", s.PROMPT_LENGTH, decimals=0),
                tile("Output length", s.GENERATION_LENGTH, decimals=0),
            ),
        ),
        Section(
            "Tokens",
            (
                graph("Output tokens per second, by model", s.GENERATION_RATE, calcs=("mean", "max", "lastNotNull")),
                graph("Prompt tokens per second, by model", s.PROMPT_RATE, calcs=("mean", "max", "lastNotNull")),
                graph("Tokens per engine step, by model", b.TOKENS_PER_STEP),
            ),
        ),
        Section(
            "Requests",
            (
                graph("Finished requests per second, by model", s.REQUEST_RATE),
                finish_reasons("Finished requests per second, by reason"),
                graph("Cut off by length, by model", s.LENGTH_SHARE, check=c.TRUNCATION),
            ),
        ),
        Section(
            "Shape of the work",
            (
                percentiles("Prompt length", s.PROMPT_LENGTH, b.PROMPT_P50, b.PROMPT_P95, b.PROMPT_P99),
                percentiles("Output length", s.GENERATION_LENGTH, b.OUTPUT_P50, b.OUTPUT_P95, b.OUTPUT_P99),
                graph("Output tokens per prompt token, by model", b.OUTPUT_INPUT_RATIO),
            ),
        ),
        Section(
            "HTTP",
            (
                Chart(
                    "HTTP requests per second, by status", (Line(b.HTTP_RATE, "{{status}}"),), of="all", by=("status",),
                    stacked=True, colors=STATUSES,
                ),
                Chart("HTTP requests per second, by handler", (Line(b.HTTP_RATE, "{{handler}}"),), of="all", by=("handler",)),
                Chart("Share of HTTP 5xx", (Line(s.HTTP_ERROR_SHARE),), of="scope", check=c.HTTP_ERRORS),
            ),
        ),
        Section(
            "More on prompts: sources need vLLM 0.16",
            (
                Chart(
                    "Prompt tokens per second, by source", (Line(b.PROMPT_BY_SOURCE, "{{source}}"),), of="all",
                    by=("source",), stacked=True, note="Sums differ a little from all prompt tokens in 0.16 to 0.18.",
                ),
                graph("Prompt tokens computed per request, by model", b.PREFILL_COMPUTED),
                graph("max_tokens asked for, by model", b.MAX_TOKENS_ASKED),
            ),
            collapsed=True,
        ),
        DATA,
    ),
)  # fmt: skip
