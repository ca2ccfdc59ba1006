"""Figures of the report: which there are, in which section they are printed, in which order and under which words.

The report names a figure by its row, never by its id as text, so that a misspelt one fails at import. Rows of one section
stand in the order in which they are printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from vllm_observability.catalog import signals as s
from vllm_observability.model import Metric, Signal, Unit

Section = Literal["context", "requests", "latency", "cache", "http", "process"]


@dataclass(frozen=True)
class FigureRow:
    """What a figure is called. `id` is the contract of the JSON report.

    `signal` None: it comes from labels, bucket bounds or clocks. `section` and `title` say where it is printed and under
    which words; `section` None: only in the JSON, or within another figure's row. `template` is what its row says; where
    `digits` is given, the number is written with so many significant digits and without its unit.
    """

    id: str
    unit: Unit
    signal: Signal | None = None
    section: Section | None = None
    title: str = ""
    template: str = "{value}"
    digits: int | None = None


def _row(
    signal: Signal,
    section: Section | None = None,
    title: str = "",
    template: str = "{value}",
    digits: int | None = None,
) -> FigureRow:
    return FigureRow(signal.id, signal.unit, signal, section, title, template, digits)


TOKENS = "{value} tokens"
OF_THE_API_SERVER = "{value} (API-server process)"

# --------------------------------------------------------------------------------------------- context

RESIDENT_MEMORY = _row(s.RESIDENT_MEMORY, "context", "Memory", OF_THE_API_SERVER)
CPU_SECONDS = _row(s.CPU_SECONDS, "context", "CPU time", OF_THE_API_SERVER)
UPTIME = FigureRow("process_uptime_seconds", Unit.SECONDS)

# ------------------------------------------------------------------------------- requests and tokens

FINISHED = _row(s.REQUESTS_FINISHED, title="Finished")  # one row for all reasons
RUNNING = _row(s.RUNNING, "requests", "Running now")
WAITING = _row(s.WAITING, "requests", "Waiting now")
REQUEST_RATE = _row(s.REQUEST_RATE, "requests", "Rate")
PROMPT_TOKENS = _row(s.PROMPT_TOKENS, "requests", "Prompt tokens")
GENERATION_TOKENS = _row(s.GENERATION_TOKENS, "requests", "Output tokens")
PROMPT_RATE = _row(s.PROMPT_RATE, "requests", "Prompt tokens/s")
GENERATION_RATE = _row(s.GENERATION_RATE, "requests", "Output tokens/s")
PROMPT_LENGTH = _row(s.PROMPT_LENGTH, "requests", "Prompt per request", TOKENS)
GENERATION_LENGTH = _row(s.GENERATION_LENGTH, "requests", "Output per request", TOKENS)
OUTPUT_INPUT = _row(s.OUTPUT_INPUT, "requests", "Output : input", "{value} : 1", digits=2)

# --------------------------------------------------------------------------------------------- latency


@dataclass(frozen=True)
class Latency:
    """A histogram of seconds and its figures: one row of the table of latencies.

    `bound` is the smallest bucket bound that holds 99 % of the observations, `share` what it holds. `part`: a part of the
    end-to-end latency. `pictured`: drawn bucket by bucket where a format can draw.
    """

    id: str
    metric: Metric
    title: str
    mean: FigureRow
    p50: FigureRow
    p95: FigureRow
    p99: FigureRow
    bound: FigureRow
    share: FigureRow
    part: bool = False
    pictured: bool = False

    @property
    def columns(self) -> tuple[FigureRow, ...]:
        """In the order of the table."""
        return self.mean, self.p50, self.p95, self.p99, self.bound

    @property
    def rows(self) -> tuple[FigureRow, ...]:
        """All its figures."""
        return *self.columns, self.share


def _latency(
    id: str,
    title: str,
    signals: tuple[Signal, Signal, Signal, Signal],
    *,
    part: bool = False,
    pictured: bool = False,
) -> Latency:
    mean, p50, p95, p99 = (_row(signal, "latency") for signal in signals)
    bound = FigureRow(f"{id}_bound_seconds", Unit.SECONDS, section="latency")
    share = FigureRow(f"{id}_bound_ratio", Unit.RATIO)
    return Latency(id, s.LATENCIES[id], title, mean, p50, p95, p99, bound, share, part, pictured)


TTFT = _latency("ttft", "First token (TTFT)", (s.TTFT_MEAN, s.TTFT_P50, s.TTFT_P95, s.TTFT_P99), pictured=True)
ITL = _latency("itl", "Token gap (ITL)", (s.ITL_MEAN, s.ITL_P50, s.ITL_P95, s.ITL_P99), pictured=True)
TPOT = _latency("tpot", "Per token (TPOT)", (s.TPOT_MEAN, s.TPOT_P50, s.TPOT_P95, s.TPOT_P99))
E2E = _latency("e2e", "End to end", (s.E2E_MEAN, s.E2E_P50, s.E2E_P95, s.E2E_P99), pictured=True)
QUEUE_TIME = _latency("queue_time", "queue", (s.QUEUE_MEAN, s.QUEUE_P50, s.QUEUE_P95, s.QUEUE_P99), part=True)
PREFILL_TIME = _latency(
    "prefill_time", "prefill", (s.PREFILL_MEAN, s.PREFILL_P50, s.PREFILL_P95, s.PREFILL_P99), part=True
)
DECODE_TIME = _latency("decode_time", "decode", (s.DECODE_MEAN, s.DECODE_P50, s.DECODE_P95, s.DECODE_P99), part=True)
INFERENCE_TIME = _latency(
    "inference_time", "inference", (s.INFERENCE_MEAN, s.INFERENCE_P50, s.INFERENCE_P95, s.INFERENCE_P99), part=True
)
LATENCIES: tuple[Latency, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Latency))
DECODE_SPEED = _row(
    s.DECODE_SPEED, template="Each request gets {value} (1 / mean inter-token latency)."
)  # a sentence under the table

# ----------------------------------------------------------------------------------------------- cache

KV_USAGE = _row(s.KV_USAGE, title="KV cache in use")  # a row for each engine
KV_CAPACITY = FigureRow("kv_cache_capacity_tokens", Unit.TOKENS, title="Capacity")  # with the next two in one row
KV_BLOCKS = FigureRow("kv_cache_blocks", Unit.BLOCKS)
KV_BLOCK_SIZE = FigureRow("kv_cache_block_size", Unit.TOKENS)
MAX_MODEL_LEN = FigureRow("max_model_len_tokens", Unit.TOKENS, section="cache", title="Longest request")
FULL_LENGTH_REQUESTS = FigureRow(
    "max_full_length_requests", Unit.REQUESTS, section="cache", title="Full-length requests at once"
)
GPU_MEMORY_SHARE = FigureRow("gpu_memory_utilization_ratio", Unit.RATIO, section="cache", title="GPU memory setting")
PREFIX_HIT = _row(s.PREFIX_HIT, "cache", "Prefix cache hits")
PREFIX_SAVED = _row(s.PREFIX_SAVED, "cache", "Prompt tokens served from cache")
PREEMPTIONS = _row(s.PREEMPTIONS, "cache", "Preemptions")
PREEMPTIONS_PER_REQUEST = _row(s.PREEMPTIONS_PER_REQUEST, "cache", "Preemptions per request")
SPEC_ACCEPTANCE = _row(s.SPEC_ACCEPTANCE, "cache", "Drafts accepted")
SPEC_TOKENS_PER_STEP = _row(s.SPEC_TOKENS_PER_STEP, "cache", "Tokens per draft step")

# ------------------------------------------------------------------------- HTTP, garbage collection

HTTP_REQUESTS = _row(s.HTTP_REQUESTS)  # the largest, each with its handler
HTTP_SUCCESS = _row(s.HTTP_SUCCESS, title="Answered")
GC_COLLECTIONS = _row(s.GC_COLLECTIONS)
GC_UNCOLLECTABLE = _row(s.GC_UNCOLLECTABLE)

_NAMED: tuple[FigureRow, ...] = (
    *(value for value in list(globals().values()) if isinstance(value, FigureRow)),
    *(row for latency in LATENCIES for row in latency.rows),
)


def completed(named: Sequence[FigureRow], signals: Iterable[Signal]) -> tuple[FigureRow, ...]:
    """Rows of all signals that are figures: a signal alone says that it is one, and has a row without words for it."""
    known = {row.signal.id for row in named if row.signal}
    return (*named, *(_row(signal) for signal in signals if signal.figure and signal.id not in known))


ALL: tuple[FigureRow, ...] = completed(_NAMED, s.ALL)
BY_ID: dict[str, FigureRow] = {row.id: row for row in ALL}
OF_SIGNAL: dict[str, FigureRow] = {row.signal.id: row for row in ALL if row.signal}


def printed(section: Section) -> tuple[FigureRow, ...]:
    """The rows of a section, in order."""
    return tuple(row for row in ALL if row.section == section)
