"""Questions asked of metrics. A signal's id is its figure id in the report; its words head every panel that shows it."""

from __future__ import annotations

import textwrap

from vllm_observability.catalog import metrics as m
from vllm_observability.catalog.connectors import TRANSFER_FAILURES
from vllm_observability.model import (
    Beyond,
    Either,
    Growth,
    Late,
    Level,
    Matcher,
    Metric,
    Over,
    Part,
    PerSecond,
    Plus,
    Quantile,
    Ratio,
    Raw,
    Signal,
    Unexplained,
    Unit,
)


def mean(metric: Metric) -> Ratio:
    """Mean of a histogram's observations: exact, whatever the buckets."""
    return Ratio(Growth(metric, Part.SUM), Growth(metric, Part.COUNT))


def _length(lengths: Metric, tokens: Metric) -> Either:
    """Mean of the requests' own lengths; without that histogram all tokens, those of unfinished requests too."""
    return Either(mean(lengths), Ratio(Growth(tokens), Growth(m.REQUEST_SUCCESS)), approximate=True)


# ------------------------------------------------------------------------------- requests and tokens

REQUESTS_FINISHED = Signal(
    "requests_finished", Growth(m.REQUEST_SUCCESS), Unit.REQUESTS, "Finished requests",
    "Sequences that ended, whatever the reason.", by=("finished_reason",),
)
FINISHED_TOTAL = Signal(
    "requests_finished_total", Growth(m.REQUEST_SUCCESS), Unit.REQUESTS, "Finished requests",
    "Sequences that ended, whatever the reason.",
    figure=False,
)
PROMPT_TOKENS = Signal(
    "prompt_tokens", Growth(m.PROMPT_TOKENS), Unit.TOKENS, "Prompt tokens", "Prompt tokens handled, cached ones included.",
)
GENERATION_TOKENS = Signal(
    "generation_tokens", Growth(m.GENERATION_TOKENS), Unit.TOKENS, "Output tokens", "Tokens generated.",
)
PROMPT_LENGTH = Signal(
    "prompt_tokens_per_request", _length(m.REQUEST_PROMPT_TOKENS, m.PROMPT_TOKENS), Unit.TOKENS, "Prompt length, mean",
    "Mean prompt length of finished requests.", record="request_prompt_tokens:mean",
)
GENERATION_LENGTH = Signal(
    "generation_tokens_per_request", _length(m.REQUEST_GENERATION_TOKENS, m.GENERATION_TOKENS), Unit.TOKENS,
    "Output length, mean",
    "Mean output length of finished requests.", record="request_generation_tokens:mean",
)
OUTPUT_INPUT = Signal(
    "output_input_ratio", Ratio(Growth(m.GENERATION_TOKENS), Growth(m.PROMPT_TOKENS)), Unit.NONE, "Output per input token",
    "Tokens generated for each prompt token.",
)
RUNNING = Signal(
    "requests_running", Level(m.REQUESTS_RUNNING, "sum"), Unit.REQUESTS, "Running requests",
    "Requests in the execution batch now, summed over engines.", levels=("engine", "model"),
)
WAITING = Signal(
    "requests_waiting", Level(m.REQUESTS_WAITING, "sum"), Unit.REQUESTS, "Waiting requests",
    "Requests that were admitted and wait for a place in the batch, summed over engines.", levels=("engine", "model"),
)
WAITING_PER_ENGINE = Signal(
    "requests_waiting_per_engine", Level(m.REQUESTS_WAITING, "avg"), Unit.REQUESTS, "Waiting requests per engine",
    "Requests waiting, mean over the engines of a model, so that one threshold fits any number of replicas.",
    figure=False,
)
REQUEST_RATE = Signal(
    "requests_per_second", PerSecond(Growth(m.REQUEST_SUCCESS)), Unit.REQUESTS_PER_SECOND, "Finished requests per second",
    "Sequences that ended per second, whatever the reason.",
)
PROMPT_RATE = Signal(
    "prompt_tokens_per_second", PerSecond(Growth(m.PROMPT_TOKENS)), Unit.TOKENS_PER_SECOND, "Prompt tokens per second",
    "Prompt tokens taken in per second, cached ones included.", levels=("engine", "model"),
)
GENERATION_RATE = Signal(
    "generation_tokens_per_second", PerSecond(Growth(m.GENERATION_TOKENS)), Unit.TOKENS_PER_SECOND,
    "Output tokens per second", "Tokens generated per second over all requests.", levels=("engine", "model"),
)


def _finished_share(id: str, reason: str, title: str, meaning: str, *, declared: bool = False, nothing: str = "") -> Signal:
    part = Growth(m.REQUEST_SUCCESS, where=(("finished_reason", "=", reason),), declared=declared)
    return Signal(
        id,
        Ratio(part, Growth(m.REQUEST_SUCCESS)),
        Unit.RATIO,
        title,
        meaning,
        record=f"request_{reason}:ratio",
        figure=False,
        nothing=nothing,
    )


ERROR_SHARE = _finished_share(
    "request_error_ratio",
    "error",
    "Share finished with error",
    "Share of finished requests that ended with an error; before 0.13.0 vLLM counts none.",
    declared=True,  # vLLM shows a series of each reason that it counts before any request ends
    nothing="no traffic, or vLLM is older than 0.13.0",
)
LENGTH_SHARE = _finished_share(
    "request_length_ratio",
    "length",
    "Share cut off by length",
    "Share of finished requests that hit their token limit.",
)
ABORT_SHARE = _finished_share(
    "request_abort_ratio", "abort", "Share aborted",
    "Share of finished requests that were aborted. Client disconnects are usually not counted by vLLM.",
)

# --------------------------------------------------------------------------------------------- latency


def _latency(
    id: str, metric: Metric, title: str, meaning: str, *, recorded: bool, per_engine: bool = False
) -> tuple[Signal, Signal, Signal, Signal]:
    """Mean, p50, p95 and p99. `recorded` percentiles cost a series per bucket and model; the mean costs two."""
    exact = Signal(
        f"{id}_mean_seconds", mean(metric), Unit.SECONDS, f"{title}, mean", f"{meaning} The mean is exact.",
        record=f"{metric.id}:mean", levels=("engine", "model") if per_engine else ("model",),
    )
    p50, p95, p99 = (
        Signal(
            f"{id}_p{q * 100:.0f}_seconds", Quantile(q, metric), Unit.SECONDS, f"{title}, p{q * 100:.0f}",
            f"{meaning} Interpolated between bucket bounds.",
            record=f"{metric.id}:p{q * 100:.0f}" if recorded else None,
        )
        for q in (0.5, 0.95, 0.99)
    )
    return exact, p50, p95, p99


# Report prefix -> metric: every histogram of which the report gives mean, percentiles and the 99 % bound.
LATENCIES: dict[str, Metric] = {
    "ttft": m.TTFT,
    "itl": m.ITL,
    "tpot": m.TPOT,
    "e2e": m.E2E,
    "queue_time": m.QUEUE_TIME,
    "prefill_time": m.PREFILL_TIME,
    "decode_time": m.DECODE_TIME,
    "inference_time": m.INFERENCE_TIME,
}
TTFT_MEAN, TTFT_P50, TTFT_P95, TTFT_P99 = _latency(
    "ttft",
    m.TTFT,
    "Time to first token",
    "From arrival at the API server to the first token: queueing and prefill.",
    recorded=True,
    per_engine=True,
)
ITL_MEAN, ITL_P50, ITL_P95, ITL_P99 = _latency(
    "itl",
    m.ITL,
    "Inter-token latency",
    "Time between two outputs of one request: how fast text flows.",
    recorded=True,
    per_engine=True,
)
TPOT_MEAN, TPOT_P50, TPOT_P95, TPOT_P99 = _latency(
    "tpot",
    m.TPOT,
    "Time per output token",
    "Mean time per token of each finished request.",
    recorded=False,
)
E2E_MEAN, E2E_P50, E2E_P95, E2E_P99 = _latency(
    "e2e",
    m.E2E,
    "End-to-end latency",
    "From arrival to the last token; known only when a request ends.",
    recorded=True,
)
QUEUE_MEAN, QUEUE_P50, QUEUE_P95, QUEUE_P99 = _latency(
    "queue_time",
    m.QUEUE_TIME,
    "Queue time",
    "Time that finished requests had spent waiting.",
    recorded=False,
    per_engine=True,
)
PREFILL_MEAN, PREFILL_P50, PREFILL_P95, PREFILL_P99 = _latency(
    "prefill_time",
    m.PREFILL_TIME,
    "Prefill time",
    "Time that finished requests had spent in prefill.",
    recorded=False,
    per_engine=True,
)
DECODE_MEAN, DECODE_P50, DECODE_P95, DECODE_P99 = _latency(
    "decode_time",
    m.DECODE_TIME,
    "Decode time",
    "Time that finished requests had spent in decode.",
    recorded=False,
)
INFERENCE_MEAN, INFERENCE_P50, INFERENCE_P95, INFERENCE_P99 = _latency(
    "inference_time",
    m.INFERENCE_TIME,
    "Inference time",
    "Time that finished requests had spent running.",
    recorded=False,
)


def _observations(id: str, metric: Metric, title: str) -> Signal:
    return Signal(
        f"{id}_observations", Growth(metric, Part.COUNT), Unit.COUNT, title, "Observations in the window.", figure=False
    )


TTFT_COUNT = _observations("ttft", m.TTFT, "First tokens")
ITL_COUNT = _observations("itl", m.ITL, "Token gaps")
QUEUE_COUNT = _observations("queue_time", m.QUEUE_TIME, "Requests with a queue time")
DECODE_SPEED = Signal(
    "decode_tokens_per_second_per_request", Ratio(Growth(m.ITL, Part.COUNT), Growth(m.ITL, Part.SUM)),
    Unit.TOKENS_PER_SECOND, "Tokens per second per request", "How fast one request's text flows: 1 / mean inter-token latency.",
)

BUDGETS = "slo"  # the topic of what error budgets are made of
# What users are hurt by, judged beside what they ask for: a wait of three times the own prefill makes the first token
# four times as late as alone. Bounds are those that every vLLM with these histograms has.
# The first token takes over four times the prefill, and 1.7 s or 4 s of it are neither queue nor prefill.
_UNEXPLAINED = Unexplained(m.TTFT, m.QUEUE_TIME, m.PREFILL_TIME, ((2.5, 0.3, 0.5), (7.5, 2.0, 1.5)))
UNEXPLAINED_STARTS = Signal(
    "unexplained_starts_ratio", _UNEXPLAINED,
    Unit.RATIO, "Share of first tokens that are late before the queue",
    "At least this share of first tokens came late although neither queue nor prefill was long: the time went in the "
    "API server, as for tokenization, images or a busy event loop, or in a KV transfer.",
    record="unexplained_starts:ratio", figure=False, topic=BUDGETS,
)
LATE_STARTS = Signal(
    "late_starts_ratio",
    Either(
        Late(
            m.QUEUE_TIME, m.PREFILL_TIME, ((2.0, 0.5), (5.0, 1.5), (15.0, 5.0), (60.0, None)), _UNEXPLAINED,
        ),
        Beyond(m.TTFT, 1.0),
        approximate=True,
    ),
    Unit.RATIO, "Share of late starts",
    "Estimated share of requests that waited over 2 s, and over three times as long as their own prefill took: prompts "
    "explain no such wait. What neither the queue nor prefill explains, as of a slow API server, is a wait too. Before "
    "vLLM 0.6.6: whose first token took over 1 s.",
    record="late_starts:ratio", figure=False, topic=BUDGETS,
)
SLOW_ANSWERS = Signal(
    "slow_answers_ratio", Either(Beyond(m.TPOT, 0.1), Beyond(m.ITL, 0.1), approximate=True), Unit.RATIO,
    "Share of slow answers",
    "Share of answers whose tokens were over 0.1 s apart on average: a prompt between two of many tokens does no harm. "
    "Before vLLM 0.11.0: share of single gaps.",
    record="slow_answers:ratio", figure=False, topic=BUDGETS,
)

TOKENS_PER_RUNNING = Signal(
    "generation_tokens_per_running_request",
    Raw(
        # Averaged, for of a handful of requests none runs at many a moment.
        "{tokens} / (sum by ({by}) ({running}) > 0)",
        parts=(("tokens", PerSecond(Growth(m.GENERATION_TOKENS))),),
        overs=(("running", Over("avg_over_time", m.REQUESTS_RUNNING, "{rate_window}")),),
    ),
    Unit.TOKENS_PER_SECOND, "Tokens per second per running request", "Output tokens per second for each running request.",
    record="generation_tokens:per_running", figure=False,
)


def _slower_than(offset: str) -> str:
    """Speed against some time ago, where neither more work nor other work explains it."""
    # No token at all is a stall, or a gauge that stays: vLLM updates it at steps, and none follows the last request.
    speed = f"({{speed}} > 0) / ({{speed}} offset {offset} > 0)"
    # A larger batch is slower for each and faster for all; prefill takes the place of decode, where answers get short;
    # and of an engine that slowed down the gaps between tokens grow.
    for wide in ("{tokens} > 1.25 * {tokens}", "{prompts} > 1.25 * {prompts}", "{gap} < 1.3 * {gap}"):
        speed += f"\nunless on ({{model}})\n{wide} offset {offset}"
    return f'label_replace(\n{textwrap.indent(speed, "  ")},\n  "of", "{offset}", "", ""\n)'


THROUGHPUT_CHANGE = Signal(
    "generation_throughput_change_ratio",
    Raw(
        # Against an hour ago alone, what has lasted for an hour would be normal.
        "min by ({model}) (\n"
        + textwrap.indent("\nor\n".join(_slower_than(offset) for offset in ("1h", "2h", "6h", "1d")), "  ")
        + "\n)",
        series=(
            ("speed", TOKENS_PER_RUNNING.expr),
            ("tokens", Growth(m.GENERATION_TOKENS)),
            ("prompts", Growth(m.PROMPT_TOKENS)),
            ("gap", ITL_MEAN.expr),
        ),
    ),
    Unit.RATIO, "Throughput against earlier hours",
    "Tokens per running request now, against one, two and six hours and a day before, where neither more nor other work "
    "explains the difference.",
    record="generation_tokens:change", figure=False, topic="memory",
    nothing="no traffic, or no hour of history to compare with",
)

# ----------------------------------------------------------------------------------------------- cache

KV_USAGE = Signal(
    "kv_cache_usage_ratio", Level(m.KV_CACHE_USAGE, "max"), Unit.RATIO, "KV cache usage",
    "Share of KV cache blocks in use on the fullest engine: one full engine queues while the mean looks calm.", levels=("engine", "model"),
)
KV_USAGE_MEAN = Signal(
    "kv_cache_usage_mean_ratio", Level(m.KV_CACHE_USAGE, "avg"), Unit.RATIO, "KV cache usage, mean",
    "Share of KV cache blocks in use, mean over engines.",
    figure=False,
)
PREFIX_HIT = Signal(
    "prefix_cache_hit_ratio",
    Either(
        Ratio(Growth(m.PREFIX_CACHE_HITS), Growth(m.PREFIX_CACHE_QUERIES)),
        Level(m.PREFIX_CACHE_HIT_RATE, "avg", at_least=0.0),
    ),
    Unit.RATIO, "Prefix cache hit ratio", "Share of prompt tokens found in the prefix cache, so not computed again.",
    record="prefix_cache_hits:ratio",
)
PREFIX_SAVED = Signal(
    "prefix_cache_saved_tokens", Growth(m.PREFIX_CACHE_HITS), Unit.TOKENS, "Prompt tokens saved",
    "Prompt tokens that the prefix cache spared.",
)
PREEMPTIONS = Signal(
    "preemptions", Growth(m.PREEMPTIONS), Unit.COUNT, "Preemptions",
    "Times a running request lost its KV blocks and had to be computed again.",
)
PREEMPTIONS_PER_REQUEST = Signal(
    "preemptions_per_request", Ratio(Growth(m.PREEMPTIONS), Growth(m.REQUEST_SUCCESS)), Unit.NONE, "Preemptions per request",
    "Preemptions for each finished request.", record="preemptions:per_request",
)

# ------------------------------------------------------------------------------------------------ http

# Calls of a model. Probes, lists of models and whatever else a server answers say nothing of how it answers prompts.
INFERENCE: Matcher = (
    "handler",
    "=~",
    ".*/(completions|responses|messages|embeddings?|embed|rerank|score|classify|pooling|transcriptions|translations"
    "|generate|invocations|realtime)(/.*)?",
)
_SERVER_ERRORS = Growth(m.HTTP_REQUESTS, where=(INFERENCE, ("status", "=~", "5..")))
_ANSWERED = Growth(m.HTTP_REQUESTS, where=(INFERENCE, ("status", "=~", "2..|5..")))
HTTP_REQUESTS = Signal(
    "http_requests", Growth(m.HTTP_REQUESTS), Unit.REQUESTS, "HTTP requests",
    "HTTP requests answered, by handler, method and status class.", by=("handler", "method", "status"),
)
HTTP_ANSWERED = Signal(
    "http_inference_requests", _ANSWERED, Unit.REQUESTS, "Inference requests",
    "Calls of a model that ended with 2xx or 5xx.", figure=False,
)
HTTP_SUCCESS = Signal(
    "http_success_ratio", Ratio(Growth(m.HTTP_REQUESTS, where=(("status", "=~", "2.."),)), Growth(m.HTTP_REQUESTS)),
    Unit.RATIO, "HTTP success", "Share of HTTP requests answered with 2xx.",
)
HTTP_ERROR_SHARE = Signal(
    "http_server_error_ratio", Ratio(_SERVER_ERRORS, _ANSWERED), Unit.RATIO, "Share of HTTP 5xx",
    "Share of calls of a model that fail with 5xx, of those that end with 2xx or 5xx. Errors after a stream began count as "
    "2xx.", record="http_server_errors:ratio",
    figure=False,
)

# ------------------------------------------------------------------------------------ process, features

RESIDENT_MEMORY = Signal(
    "process_resident_memory_bytes", Level(m.PROCESS_RESIDENT_MEMORY, "max"), Unit.BYTES, "Resident memory",
    "Resident memory of the API-server process, not of the engine or the GPU.",
)
CPU_SECONDS = Signal(
    "process_cpu_seconds", Growth(m.PROCESS_CPU), Unit.SECONDS, "CPU time", "CPU time used by the API-server process.",
)
GC_COLLECTIONS = Signal(
    "gc_collections", Growth(m.GC_COLLECTIONS), Unit.COUNT, "Garbage collections", "Collections by generation.",
    by=("generation",),
)
GC_UNCOLLECTABLE = Signal(
    "gc_uncollectable_objects", Growth(m.GC_UNCOLLECTABLE), Unit.COUNT, "Uncollectable objects",
    "Objects the collector could not free: a leak in C code, if it grows.",
)
SPEC_ACCEPTANCE = Signal(
    "spec_decode_acceptance_ratio",
    Either(
        Ratio(Growth(m.SPEC_ACCEPTED_TOKENS), Growth(m.SPEC_DRAFT_TOKENS)), Level(m.SPEC_ACCEPTANCE_RATE, "avg", at_least=0.0)
    ),
    Unit.RATIO, "Draft acceptance", "Share of speculative draft tokens that the model accepted.",
    record="spec_decode_accepted_tokens:ratio",
)
SPEC_DRAFTED = Signal(
    "spec_decode_draft_tokens", Growth(m.SPEC_DRAFT_TOKENS), Unit.TOKENS, "Draft tokens", "Draft tokens proposed.",
    figure=False,
)
SPEC_TOKENS_PER_STEP = Signal(
    "spec_decode_tokens_per_step", Plus(Ratio(Growth(m.SPEC_ACCEPTED_TOKENS), Growth(m.SPEC_DRAFTS)), 1.0), Unit.TOKENS,
    "Tokens per speculative step", "Tokens that one step of a request yields: the accepted drafts and one of its own.",
)

# ------------------------------------------------------------------- what the report reads beyond figures
# These have no place of their own in the report, but decide what it says: what limits an engine, whether it moves,
# how it is configured. The report reads them through these rows, so that whoever fetches or keeps series knows them.

WAITING_DEFERRED = Signal(
    "requests_waiting_deferred", Level(m.REQUESTS_WAITING_BY_REASON, "sum", where=(("reason", "=", "deferred"),)),
    Unit.REQUESTS, "Deferred requests",
    "Waiting requests that the batch could take, but that wait for something else: a KV transfer or a LoRA slot.",
    figure=False,
)  # fmt: skip
STEPS = Signal(
    "engine_steps", Growth(m.ITERATION_TOKENS, Part.COUNT), Unit.COUNT, "Engine steps", "Times that the engine ran the model.",
    figure=False,
)  # fmt: skip
STEP_TOKENS = Signal(
    "engine_step_tokens", Growth(m.ITERATION_TOKENS, Part.SUM), Unit.TOKENS, "Tokens of engine steps",
    "Prompt and output tokens that engine steps handled.", figure=False,
)  # fmt: skip
STEP_SIZES = Signal(
    "engine_step_sizes", Growth(m.ITERATION_TOKENS, Part.BUCKET), Unit.COUNT, "Engine steps by size",
    "Engine steps by the number of tokens that each handled.", by=("le",), figure=False,
)  # fmt: skip
START_TIME = Signal(
    "process_started", Level(m.PROCESS_START_TIME, "max"), Unit.TIMESTAMP, "Start of the server",
    "When the API-server process started.", figure=False,
)  # fmt: skip
CACHE_FACTS = Signal(
    "cache_facts", Level(m.CACHE_CONFIG, "max"), Unit.NONE, "Cache configuration",
    "The configuration of the KV cache, which stands in labels.", figure=False,
)  # fmt: skip
PYTHON_FACTS = Signal(
    "python_facts", Level(m.PYTHON_INFO, "max"), Unit.NONE, "Python version",
    "The version of Python, which stands in labels.", figure=False,
)  # fmt: skip
SLEEP_STATE = Signal(
    "sleep_state", Level(m.ENGINE_SLEEP_STATE, "max", where=(("sleep_state", "!=", "awake"),)), Unit.NONE, "Sleep",
    "How deep an engine sleeps: 1 for the state that it is in.", by=("sleep_state",), levels=("engine", "model"), figure=False,
)  # fmt: skip
WEIGHT_UPDATES = Signal(
    "weight_updates", Level(m.WEIGHT_UPDATES, "sum"), Unit.COUNT, "Weight updates under way",
    "Updates of weights that an engine is paused for.", figure=False,
)  # fmt: skip
EXTERNAL_LOOKUPS = Signal(
    "external_cache_lookups", Growth(m.EXTERNAL_CACHE_QUERIES), Unit.TOKENS, "Tokens looked up outside",
    "Tokens that were looked up through a KV connector, so that a cache outside the engine is in use.", figure=False,
)  # fmt: skip
ANSWERED = Signal(
    "requests_answered", Growth(m.REQUEST_SUCCESS, where=(("finished_reason", "=~", "stop|length"),)), Unit.REQUESTS,
    "Answered requests", "Requests that ended with an answer.", figure=False,
)  # fmt: skip
CORRUPTED = Signal(
    "requests_corrupted", Growth(m.CORRUPTED_REQUESTS), Unit.REQUESTS, "Corrupted requests",
    "Finished requests that had NaN in their logits.", figure=False,
)  # fmt: skip
REJECTED = Signal(
    "requests_rejected", Growth(m.ADMISSION_REJECTIONS), Unit.REQUESTS, "Rejected requests",
    "Requests refused by a queue limit of the front end.", figure=False,
)  # fmt: skip
TRANSFERS_FAILED = tuple(
    Signal(f"{each.id}_failed", Growth(each), each.unit, each.meaning.rstrip("."), each.meaning, figure=False)
    for each in TRANSFER_FAILURES
)  # fmt: skip
REPORT_READS = (
    WAITING_DEFERRED, STEPS, STEP_TOKENS, STEP_SIZES, START_TIME, CACHE_FACTS, PYTHON_FACTS, SLEEP_STATE, WEIGHT_UPDATES,
    EXTERNAL_LOOKUPS, ANSWERED,
)  # fmt: skip
PAGE_READS = (CORRUPTED, REJECTED, *TRANSFERS_FAILED)  # of pages only: a Prometheus answers the alerts' own questions

ALL: tuple[Signal, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Signal))
BY_ID: dict[str, Signal] = {signal.id: signal for signal in ALL}
