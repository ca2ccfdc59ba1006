"""Which signals stand on which board, in which row: laid out by hand, one question a board."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vllm_observability.catalog import checks as c
from vllm_observability.catalog import signals as s
from vllm_observability.emitted import PanelKind
from vllm_observability.model import Check, Signal

Grouping = Literal["all", "model", "engine"]


@dataclass(frozen=True)
class Line:
    """One query of a chart: a signal, how it is split, and what its line is called."""

    signal: Signal
    legend: str = "{{model_name}}"
    color: str | None = None


@dataclass(frozen=True)
class Chart:
    """A panel before it has a place: what it shows, of whom, against which check's bounds."""

    title: str
    lines: tuple[Line, ...]
    kind: PanelKind = "timeseries"
    of: Grouping = "model"
    check: Check | None = None
    width: int = 8
    height: int = 8
    note: str = ""
    stacked: bool = False
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """A row of charts. `collapsed` sections run nothing until opened."""

    title: str
    charts: tuple[Chart, ...]
    collapsed: bool = False


@dataclass(frozen=True)
class Board:
    """A board and the one question that it answers."""

    slug: str
    title: str
    question: str
    sections: tuple[Section, ...]


def uid(slug: str) -> str:
    """Grafana uid of a board: vLLM's own boards already use the bare slugs, and a site may load both."""
    return slug.replace("vllm-", "vllm-obs-", 1)


def tile(title: str, signal: Signal, check: Check | None = None, note: str = "") -> Chart:
    """One number over everything selected, coloured only where a check judges it."""
    return Chart(title, (Line(signal, title),), "stat", "all", check, width=4, height=4, note=note)


# Percentiles are shades of one blue, the mean is purple: the same on every board.
P50, P95, P99, MEAN = "super-light-blue", "blue", "dark-blue", "purple"


def percentiles(title: str, mean: Signal, p50: Signal, p95: Signal, p99: Signal, check: Check | None = None) -> Chart:
    """Mean and percentiles of one latency, pooled over the selection."""
    lines = (Line(mean, "mean", MEAN), Line(p50, "p50", P50), Line(p95, "p95", P95), Line(p99, "p99", P99))
    return Chart(title, lines, of="all", check=check, width=8, note="The mean is exact, percentiles are interpolated.")


OVERVIEW = Board(
    "vllm-overview",
    "vLLM / Overview",
    "Is every model up, fast, not full, and not failing?",
    (
        Section(
            "Verdict",
            (
                tile("KV cache, fullest engine", s.KV_USAGE, c.KV_CACHE_USAGE),
                tile("Waiting per engine", s.WAITING_PER_ENGINE, c.REQUESTS_WAITING),
                tile("Time to first token, p95", s.TTFT_P95, c.TTFT),
                tile("Inter-token latency, p95", s.ITL_P95, c.ITL),
                tile("Finished with error", s.ERROR_SHARE, c.REQUEST_ERRORS, "Known from vLLM 0.13.0 on."),
                tile("HTTP 5xx", s.HTTP_ERROR_SHARE, c.HTTP_ERRORS),
                tile("Time to first token, mean", s.TTFT_MEAN),
                tile("Output tokens per second", s.GENERATION_RATE),
                tile("Prompt tokens per second", s.PROMPT_RATE),
                tile("Finished requests per second", s.REQUEST_RATE),
                tile("Running requests", s.RUNNING),
                tile("Waiting requests", s.WAITING),
            ),
        ),
        Section(
            "Speed",
            (
                percentiles("Time to first token", s.TTFT_MEAN, s.TTFT_P50, s.TTFT_P95, s.TTFT_P99, c.TTFT),
                percentiles("Inter-token latency", s.ITL_MEAN, s.ITL_P50, s.ITL_P95, s.ITL_P99, c.ITL),
                percentiles("End-to-end latency", s.E2E_MEAN, s.E2E_P50, s.E2E_P95, s.E2E_P99),
                Chart("Time to first token by model, mean", (Line(s.TTFT_MEAN),)),
                Chart(
                    "Tokens per second of one request", (Line(s.DECODE_SPEED),),
                    note="1 / mean inter-token latency: what a single user sees.",
                ),
                Chart("Queue time, mean", (Line(s.QUEUE_MEAN),), check=c.QUEUE_TIME),
            ),
        ),
        Section(
            "Throughput",
            (
                Chart("Output tokens per second", (Line(s.GENERATION_RATE),)),
                Chart("Prompt tokens per second", (Line(s.PROMPT_RATE),)),
                Chart(
                    "Finished requests per second, by reason", (Line(s.REQUEST_RATE, "{{finished_reason}}"),), of="all",
                    by=("finished_reason",), stacked=True,
                    note="length: cut off by a token limit. Client disconnects are usually not counted.",
                ),
            ),
        ),
        Section(
            "Saturation",
            (
                Chart("KV cache usage, fullest engine", (Line(s.KV_USAGE),), check=c.KV_CACHE_USAGE),
                Chart("Running requests", (Line(s.RUNNING),)),
                Chart("Waiting requests per engine", (Line(s.WAITING_PER_ENGINE),), check=c.REQUESTS_WAITING),
                Chart("Preemptions per finished request", (Line(s.PREEMPTIONS_PER_REQUEST),), check=c.PREEMPTIONS),
                Chart("Prefix cache hit ratio", (Line(s.PREFIX_HIT),), note="Empty while prefix caching is off."),
                Chart(
                    "Request lengths, mean", (Line(s.PROMPT_LENGTH, "{{model_name}} prompt"),
                    Line(s.GENERATION_LENGTH, "{{model_name}} output")),
                ),
            ),
        ),
    ),
)  # fmt: skip

ALL: tuple[Board, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Board))
