"""Where an alert's link lands: what broke, since when, where, and against what it was before."""

from __future__ import annotations

from vllm_observability.catalog import board_signals as b
from vllm_observability.catalog import checks as c
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.boards.layout import (
    Board,
    Chart,
    Column,
    Event,
    Line,
    Overlay,
    Section,
    Table,
    Tile,
)
from vllm_observability.catalog.boards.shared import (
    ALERTS,
    ANY_IS_BAD,
    DATA,
    MODEL_AND_PLACE,
    PREFILL,
    QUEUE,
    WAITING_BY_REASON,
)
from vllm_observability.model import Signal

VERDICT = Section(
    "",
    (
        Tile("Targets down", b.TARGETS_DOWN, steps=ANY_IS_BAD, alert="VllmTargetDown", to="vllm-engines"),
        Tile("Engines", b.ENGINES, fold="sum", to="vllm-engines"),
        Tile("Running", s.RUNNING),
        Tile("Waiting per engine", s.WAITING_PER_ENGINE, c.REQUESTS_WAITING, to="vllm-kv-cache"),
        Tile("KV cache, fullest", s.KV_USAGE, c.KV_CACHE_USAGE, to="vllm-kv-cache"),
        Tile("TTFT, mean", s.TTFT_MEAN, to="vllm-latency"),
        Tile("ITL, mean", s.ITL_MEAN, to="vllm-latency"),
        Tile("Output tokens/s", s.GENERATION_RATE, to="vllm-throughput"),
    ),
)

FIRST_TOKEN = Section(
    "What the first token waits for",
    (
        Overlay(
            "First token = queue + prefill + rest",
            (
                Line(s.QUEUE_MEAN, "queue", QUEUE),
                Line(s.PREFILL_MEAN, "prefill", PREFILL),
                Line(b.TTFT_REST, "rest", "semi-dark-green"),
            ),
            stacked=True,
            to="vllm-latency",
            note="Means. Queue and prefill are counted when a request ends, so they come later than the first token.",
        ),
        WAITING_BY_REASON,
        Overlay(
            "Running and waiting requests",
            (Line(s.RUNNING, "running", "blue"), Line(s.WAITING, "waiting", "orange")),
            to="vllm-kv-cache",
        ),
    ),
)

# How long ago, what it is called, and its colour: the present stands out.
BEFORE = (
    ("", "now", "orange"),
    ("1h", "an hour before", "blue"),
    ("1d", "a day before", "light-blue"),
    ("1w", "a week before", "super-light-blue"),
)
LESS_HISTORY = "Values older than the data source's retention are missing."


def _compared(title: str, signal: Signal, to: str) -> Chart:
    lines = tuple(Line(signal, name, color, before) for before, name, color in BEFORE)
    return Overlay(f"{title}: now and before", lines, width=12, to=to, note=LESS_HISTORY)


def _columns(title: str, signal: Signal) -> tuple[Column, ...]:
    return tuple(Column(f"{title} -{before}" if before else title, signal, before=before) for before, _, _ in BEFORE)


CHANGE = Section(
    "Now, and an hour, a day and a week before",
    (
        Table(
            "Models, now and before",
            (*_columns("TTFT", s.TTFT_MEAN), *_columns("Tokens/s", s.GENERATION_RATE)),
            labels=MODEL_AND_PLACE,
            sort_by="TTFT",
            to="vllm-latency",
            width=24,
            height=6,
            note=f"Values at the end of the time shown; -1h is an hour before. TTFT is the mean. {LESS_HISTORY}",
        ),
    ),
)


# Closed: four times are four times as much to read.
CURVES = Section(
    "Now and before, over time",
    (
        _compared("Time to first token, mean", s.TTFT_MEAN, "vllm-latency"),
        _compared("Output tokens per second", s.GENERATION_RATE, "vllm-throughput"),
    ),
    collapsed=True,
)


def _five(title: str, *columns: Column) -> Table:
    return Table(
        title,
        columns,
        of="engine",
        labels=(("instance", "Instance"), ("engine", "Engine"), ("model_name", "Model"), ("namespace", "Namespace")),
        sort_by=columns[0].title,
        to="vllm-engines",
        width=24,
        height=7,
        most=5,
        note="Values at the end of the time shown. Click an instance for the engines board.",
    )


WORST = Section(
    "The worst engines, by name",
    (
        _five(
            "Five engines with the slowest first token",
            Column("TTFT", s.TTFT_MEAN),
            Column("ITL", s.ITL_MEAN),
            Column("Waiting", s.WAITING),
            Column("KV cache", s.KV_USAGE, c.KV_CACHE_USAGE),
        ),
        _five(
            "Five engines with most waiting requests",
            Column("Waiting", s.WAITING),
            Column("Running", s.RUNNING),
            Column("KV cache", s.KV_USAGE, c.KV_CACHE_USAGE),
            Column("Steps/s", b.STEP_RATE),
        ),
    ),
)

EVENTS = (
    Event("Restarts", b.RESTARTED, "purple"),
    Event("Configuration changes", b.RECONFIGURED, "yellow", of="target"),
)

INCIDENT = Board(
    "vllm-incident",
    "vLLM / Incident",
    "An alert fires: what broke, on which engine, and how was it before?",
    (VERDICT, Section("What else fires", (ALERTS,)), FIRST_TOKEN, CHANGE, WORST, CURVES, DATA),
    servers=("raw", "fleet"),
    events=EVENTS,
)
