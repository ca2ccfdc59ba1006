"""How much work is done, of what shape, and how it ends."""

from __future__ import annotations

from vllm_observability.catalog import board_signals as b
from vllm_observability.catalog import checks as c
from vllm_observability.catalog import fleet_checks as fc
from vllm_observability.catalog import fleet_signals as f
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.boards.layout import Board, Graph, Section, Tile
from vllm_observability.catalog.boards.shared import DATA, MEAN_MAX_LAST, SOURCES, STATUSES, finish_reasons, percentiles

VERDICT = Section(
    "",
    (
        Tile("Errors, worst", s.ERROR_SHARE, c.REQUEST_ERRORS),
        Tile("Cut off, worst", s.LENGTH_SHARE, c.TRUNCATION),
        Tile("Aborted, worst", s.ABORT_SHARE, c.ABORTS),
        Tile("Requests/s", s.REQUEST_RATE),
        Tile("Prompt tokens/s", s.PROMPT_RATE),
        Tile("Output tokens/s", s.GENERATION_RATE),
        Tile("Prompt length", s.PROMPT_LENGTH, decimals=0),
        Tile("Output length", s.GENERATION_LENGTH, decimals=0),
    ),
)

TOKENS = Section(
    "Tokens",
    (
        Graph("Output tokens per second, by model", s.GENERATION_RATE, calcs=MEAN_MAX_LAST),
        Graph("Prompt tokens per second, by model", s.PROMPT_RATE, calcs=MEAN_MAX_LAST),
        Graph("Tokens per engine step, by model", b.TOKENS_PER_STEP),
    ),
)

REQUESTS = Section(
    "Requests",
    (
        Graph("Finished requests per second, by model", s.REQUEST_RATE),
        finish_reasons("Finished requests per second, by reason"),
        Graph("Cut off by length, by model", s.LENGTH_SHARE, c.TRUNCATION),
    ),
)

FAULTS = Section(
    "Refused, corrupted, slower than before",
    (
        Graph("Rejected requests per second, by model", f.REJECTION_RATE, fc.REJECTIONS),
        Graph("Corrupted in 15 minutes, by model", f.CORRUPTED, fc.CORRUPTED),
        Graph("Throughput against the past", s.THROUGHPUT_CHANGE, c.THROUGHPUT),
    ),
)

SHAPE = Section(
    "Shape of the work",
    (
        percentiles("Prompt length", s.PROMPT_LENGTH, b.PROMPT_P50, b.PROMPT_P95, b.PROMPT_P99),
        percentiles("Output length", s.GENERATION_LENGTH, b.OUTPUT_P50, b.OUTPUT_P95, b.OUTPUT_P99),
        Graph("Output tokens per prompt token, by model", b.OUTPUT_INPUT_RATIO),
    ),
)

HTTP = Section(
    "HTTP",
    (
        Graph(
            "HTTP requests per second, by status",
            b.HTTP_RATE,
            of="all",
            by=("status",),
            stacked=True,
            colors=STATUSES,
        ),
        Graph("HTTP requests per second, by handler", b.HTTP_RATE, of="all", by=("handler",)),
        Graph("Share of HTTP 5xx", s.HTTP_ERROR_SHARE, c.HTTP_ERRORS, of="scope"),
    ),
)

PROMPTS = Section(
    "More on prompts: sources need vLLM 0.16",
    (
        Graph(
            "Prompt tokens per second, by source",
            b.PROMPT_BY_SOURCE,
            of="all",
            by=("source",),
            stacked=True,
            colors=SOURCES,
            note="In vLLM 0.16 to 0.18 the sum differs a little from all prompt tokens.",
        ),
        Graph("Prompt tokens computed each, by model", b.PREFILL_COMPUTED),
        Graph("max_tokens asked for, by model", b.MAX_TOKENS_ASKED),
    ),
    collapsed=True,
)

THROUGHPUT = Board(
    "vllm-throughput",
    "vLLM / Throughput",
    "How much work is done, of what shape, and how does it end?",
    (VERDICT, TOKENS, REQUESTS, FAULTS, SHAPE, HTTP, PROMPTS, DATA),
)
