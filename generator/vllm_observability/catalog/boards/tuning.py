"""Which flag to turn: what binds each engine, how full its steps are, and what caching and speculation gain."""

from __future__ import annotations

from vllm_observability.catalog import board_signals as b
from vllm_observability.catalog import checks as c
from vllm_observability.catalog import signals as s
from vllm_observability.catalog import tuning_signals as t
from vllm_observability.catalog.boards.layout import Bars, Board, Graph, Line, Overlay, Section, States, Tile
from vllm_observability.catalog.boards.shared import (
    DATA,
    MEAN,
    P50,
    P95,
    P99,
    PREFILL,
    percentiles,
)

VERDICT = Section(
    "",
    (
        Tile("Waiting per engine", s.WAITING_PER_ENGINE, c.REQUESTS_WAITING, to="vllm-incident"),
        Tile("KV cache, fullest", s.KV_USAGE, c.KV_CACHE_USAGE, to="vllm-kv-cache"),
        Tile("Preempted, worst", s.PREEMPTIONS_PER_REQUEST, c.PREEMPTIONS, to="vllm-kv-cache"),
        Tile("Draft acceptance, worst", s.SPEC_ACCEPTANCE, c.SPEC_ACCEPTANCE, to="vllm-features"),
        Tile("Tokens a step, mean", b.TOKENS_PER_STEP, decimals=0),
        Tile("Running", s.RUNNING),
        Tile("Prefix cache hits", s.PREFIX_HIT, to="vllm-kv-cache"),
        Tile("Prefill saved, each", t.PREFILL_SAVED_EACH),
    ),
)

# What keeps requests out is warm, work that nobody waits for is cool. Each can be read behind its name.
_COLORS = {
    "idle": "#6e6e6e",
    "decode": "dark-blue",
    "sequences": "super-light-yellow",
    "step tokens": "dark-purple",
    "KV blocks": "super-light-orange",
    "deferred": "#c8b6ff",
    "no step": "dark-red",
}
BINDS = Section(
    "What binds",
    (
        Graph(
            "Engines, by what binds them",
            t.ENGINES_BY_BINDING,
            of="all",
            by=("binds",),
            stacked=True,
            colors=tuple(_COLORS.items()),
            width=24,
            height=7,
        ),
        States(
            "What binds each engine",
            t.BINDS,
            tuple((str(value), word, _COLORS[word]) for value, word in t.BINDS_WORDS.items()),
            height=10,
            alert="VllmRequestsWaiting",
        ),
    ),
)

STEP = Section(
    "A step of the engine",
    (
        Overlay(
            "Tokens per engine step",
            (
                Line(b.TOKENS_PER_STEP, "mean", MEAN),
                Line(t.STEP_P50, "p50", P50),
                Line(t.STEP_P95, "p95", P95),
                Line(t.STEP_P99, "p99", P99),
                Line(t.STEP_LARGEST, "largest", "orange"),
            ),
            note="largest: the bound of the largest bucket in use, at most twice --max-num-batched-tokens. Percentiles "
            "are interpolated.",
            log=True,
        ),
        Graph("Running requests", s.RUNNING, of="engine"),
        Graph("KV cache usage", s.KV_USAGE, c.KV_CACHE_USAGE, of="engine"),
    ),
)
# Closed: every bucket of every engine is read.
STEPS = Section(
    "Steps of each engine",
    (
        Graph("Mean step against the largest", t.STEP_FILLED, of="engine", width=12),
        Graph("Engine steps per second", b.STEP_RATE, of="engine", width=12),
    ),
    collapsed=True,
)

TIMES = Section(
    "Waits and token times",
    (
        percentiles("Queue time", s.QUEUE_MEAN, s.QUEUE_P50, s.QUEUE_P95, s.QUEUE_P99),
        percentiles("Inter-token latency", s.ITL_MEAN, s.ITL_P50, s.ITL_P95, s.ITL_P99, c.ITL),
        percentiles("Time per output token", s.TPOT_MEAN, s.TPOT_P50, s.TPOT_P95, s.TPOT_P99),
    ),
)

LENGTHS = Section(
    "Lengths: requests per second in each bucket, mean over the time shown",
    (
        Bars("Prompt length, in tokens", b.PROMPT_P50),
        Bars("Output length, in tokens", b.OUTPUT_P50),
    ),
)

CACHE = Section(
    "Prefix cache and preemptions",
    (
        Graph("Prefix cache hit ratio, by engine", s.PREFIX_HIT, of="engine"),
        Graph("Preemptions per second, by engine", b.PREEMPTION_RATE, of="engine"),
        Overlay(
            "Prefill of a request: computed and saved",
            (Line(s.PREFILL_MEAN, "computed", PREFILL), Line(t.PREFILL_SAVED_EACH, "saved by the cache", "green")),
            stacked=True,
            note="Saved: an estimate, as if cached tokens were computed as fast as the others.",
        ),
        Graph("Prefill seconds saved per second, by model", t.PREFILL_SAVED, width=24, height=7),
    ),
)

SPECULATION = Section(
    "Speculative decoding (--speculative-config)",
    (
        Graph("Draft acceptance, by engine", s.SPEC_ACCEPTANCE, c.SPEC_ACCEPTANCE, of="engine", width=12),
        Overlay(
            "What speculation gains",
            (Line(t.SPEC_GAIN, "memory binds", "green"), Line(t.SPEC_KEPT, "arithmetic binds", "orange")),
            width=12,
            note="The truth lies between: near the upper line with few running requests, near the lower one with many. "
            "Below 1 it costs.",
        ),
    ),
    collapsed=True,
)

TUNING = Board(
    "vllm-tuning",
    "vLLM / Tuning",
    "Which flag would help: what binds each engine, and what do caching and speculation gain?",
    (VERDICT, BINDS, STEP, TIMES, LENGTHS, CACHE, STEPS, SPECULATION, DATA),
)
