"""Questions that only boards ask: shapes, rates and states that no alert judges and the report says otherwise."""

from __future__ import annotations

from vllm_observability.catalog import feature_signals, tuning_signals
from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.board_questions import each_step, mean, percentile, rate, signal
from vllm_observability.catalog.slo import PERIOD_DAYS
from vllm_observability.model import (
    Growth,
    Level,
    Metric,
    Over,
    Part,
    PerSecond,
    Ratio,
    Raw,
    Signal,
    Unit,
)

# ---------------------------------------------------------------------------------------- who is there

ENGINES = signal(
    "engines", Raw("count by ({by}) (max without (pid) ({requests_running}))", (m.REQUESTS_RUNNING,)), Unit.COUNT,
    "Engines", "Engines that report. A server that Prometheus can't scrape has none.", record="engines:count", topic="fleet",
)
TARGETS_DOWN = signal(
    "targets_down", Raw("sum(1 - up{{{selector}}})"), Unit.COUNT, "Targets down",
    "Scrape targets of vLLM that Prometheus can't read. A deleted pod is no longer a target: see the engines.",
    nothing="no target matches the selector",
)
TARGETS_UP = signal(
    "targets_up", Raw("sum by ({scope}) (up{{{selector}}})"), Unit.COUNT, "Targets up", "Scrape targets that answer.",
)
TARGETS = signal(
    "targets", Raw("count by ({scope}) (up{{{selector}}})"), Unit.COUNT, "Targets", "Scrape targets of vLLM.",
    nothing="no target's job matches the selector (the setting target_selector)",
)
SCRAPE_AGE = signal(
    "scrape_age_seconds", Raw("time() - min by ({scope}) (timestamp(up{{{selector}}}))"), Unit.SECONDS,
    "Last scrape, oldest", "How long ago the target was scraped that waits longest.",
)
PAGE_SAMPLES = signal(
    "page_samples", Raw("max by ({scope}) (scrape_samples_scraped{{{selector}}})"), Unit.COUNT, "Samples on a page, largest",
    "How many samples a scrape brings.",
)
SCRAPE_TIME = signal(
    "scrape_seconds", Raw("max by ({scope}) (scrape_duration_seconds{{{selector}}})"), Unit.SECONDS, "Scrape time, longest",
    "How long the slowest scrape takes.",
)
MODELS_RECORDED = signal(
    "models_recorded", Raw("count by ({scope}) ({running})", series=(("running", s.RUNNING.expr),)), Unit.COUNT,
    "Models recorded", "Models for which the recording rules write series. If there are none, the rules are not loaded.",
)
HOURS_RECORDED = signal(
    "hours_recorded", Raw(each_step("count_over_time", "{running}", f"{PERIOD_DAYS}d", "1h"), series=(("running", s.RUNNING.expr),)),
    Unit.COUNT, "Hours recorded", f"Hours of the last {PERIOD_DAYS} days in which the recording rules wrote of a model.",
)

# In every default server from some version on, and under one name, so that their presence dates a server.
MARKERS: tuple[tuple[Metric, Part], ...] = (
    (m.REQUESTS_RUNNING, Part.VALUE),
    (m.ITERATION_TOKENS, Part.COUNT),
    (m.TPOT, Part.COUNT),
    (m.MM_CACHE_QUERIES, Part.VALUE),
    (m.REQUEST_PREFILL_COMPUTED_TOKENS, Part.COUNT),
    (m.PROMPT_TOKENS_CACHED, Part.VALUE),
    (m.ESTIMATED_FLOPS, Part.VALUE),
    (m.REQUEST_PREEMPTIONS, Part.COUNT),
)
NAMES_SEEN = signal(
    "names_seen",
    Raw(
        "\nor\n".join(
            f'label_replace(count(max without (pid) ({{{metric.id}}})), "since", "{metric.names[0].since}", "", "")'
            for metric, _ in MARKERS
        ),
        overs=tuple((metric.id, Over("last_over_time", metric, "5m", part=part)) for metric, part in MARKERS),
    ),
    Unit.COUNT, "Engines that show names of this version", "An engine shows every name up to its own version.",
)

# --------------------------------------------------------------------------------------------- tokens

STEP_RATE = rate(
    "engine_steps_per_second", m.ITERATION_TOKENS, Unit.PER_SECOND, "Engine steps per second",
    "How often the engine runs the model. 0 with running requests: it hangs.", Part.COUNT, levels=("engine", "model"),
)
TOKENS_PER_STEP = mean(
    "tokens_per_step", m.ITERATION_TOKENS, Unit.TOKENS, "Tokens per engine step, mean",
    "Prompt and output tokens that one step handles; from 0.24.0 on without cached prompt tokens.",
)
PROMPT_BY_SOURCE = rate(
    "prompt_tokens_per_second_by_source", m.PROMPT_TOKENS_BY_SOURCE, Unit.TOKENS_PER_SECOND, "Prompt tokens per second, by source",
    "Where prompt tokens come from: computed, or found in the cache of this engine or of another.",
)
CACHED_PROMPT_RATE = rate(
    "prefix_cache_hit_tokens_per_second", m.PREFIX_CACHE_HITS, Unit.TOKENS_PER_SECOND, "Prompt tokens from the prefix cache per second",
    "Prompt tokens per second that need no computing.",
)
OUTPUT_INPUT_RATIO = signal(
    "output_tokens_per_prompt_token", Ratio(PerSecond(Growth(m.GENERATION_TOKENS)), PerSecond(Growth(m.PROMPT_TOKENS))),
    Unit.NONE, "Output tokens per prompt token", "Far below 1: reading (prefill) is the work; above 1: writing (decode) is.",
)


def _lengths(id: str, metric: Metric, title: str, meaning: str) -> tuple[Signal, Signal, Signal]:
    p50, p95, p99 = (percentile(id, q, metric, Unit.TOKENS, title, meaning) for q in (0.5, 0.95, 0.99))
    return p50, p95, p99


PROMPT_P50, PROMPT_P95, PROMPT_P99 = _lengths(
    "prompt_length", m.REQUEST_PROMPT_TOKENS, "Prompt length", "Prompt tokens of finished requests."
)
OUTPUT_P50, OUTPUT_P95, OUTPUT_P99 = _lengths(
    "output_length", m.REQUEST_GENERATION_TOKENS, "Output length", "Output tokens of finished requests."
)
MAX_TOKENS_ASKED = mean(
    "max_tokens_asked", m.REQUEST_PARAMS_MAX_TOKENS, Unit.TOKENS, "max_tokens asked for, mean",
    "The limit that clients set on their answers.",
)
PREFILL_COMPUTED = mean(
    "prefill_computed_tokens", m.REQUEST_PREFILL_COMPUTED_TOKENS, Unit.TOKENS, "Prompt tokens computed per request, mean",
    "Prompt tokens that were computed, so without those found in a cache.",
)

# ----------------------------------------------------------------------------------------------- http

HTTP_RATE = rate(
    "http_requests_per_second", m.HTTP_REQUESTS, Unit.REQUESTS_PER_SECOND, "HTTP requests per second",
    "HTTP requests answered per second. HTTP metrics have no model label. An error after a stream began counts as 2xx.",
)

# ---------------------------------------------------------------------------------------------- cache

KV_USAGE_MIN = signal(
    "kv_cache_usage_min_ratio", Level(m.KV_CACHE_USAGE, "min"), Unit.RATIO, "KV cache usage, emptiest engine",
    "Share of KV cache blocks in use on the emptiest engine.",
)
WAITING_BY_REASON = signal(
    "requests_waiting_by_reason", Level(m.REQUESTS_WAITING_BY_REASON, "sum"), Unit.REQUESTS, "Waiting requests, by reason",
    "capacity: no place in the batch or the KV cache; deferred: waits for something else, as a KV transfer or a LoRA slot.",
)
PREEMPTION_RATE = rate(
    "preemptions_per_second", m.PREEMPTIONS, Unit.PER_SECOND, "Preemptions per second",
    "Running requests per second that lost their KV blocks and are computed again.",
)
EXTERNAL_HIT = signal(
    "external_cache_hit_ratio", Ratio(Growth(m.EXTERNAL_CACHE_HITS), Growth(m.EXTERNAL_CACHE_QUERIES)), Unit.RATIO,
    "External cache hit ratio", "Share of the tokens requested from a KV connector that it had.",
)
MM_HIT = signal(
    "mm_cache_hit_ratio", Ratio(Growth(m.MM_CACHE_HITS), Growth(m.MM_CACHE_QUERIES)), Unit.RATIO,
    "Multimodal cache hit ratio", "Share of images and other inputs that were already processed.",
)
BLOCK_LIFETIME = mean(
    "kv_block_lifetime", m.KV_BLOCK_LIFETIME, Unit.SECONDS, "Block lifetime, mean",
    "From a block's allocation to its eviction. Sampled.",
)
BLOCK_IDLE = mean(
    "kv_block_idle", m.KV_BLOCK_IDLE, Unit.SECONDS, "Idle before eviction, mean",
    "How long a block lay unused before it was evicted. Short: blocks are lost that might have been reused. Sampled.",
)
BLOCK_REUSE = mean(
    "kv_block_reuse_gap", m.KV_BLOCK_REUSE_GAP, Unit.SECONDS, "Gap between uses, mean",
    "Time between two uses of a block. Above the idle time: the cache is too small for the reuse there is. Sampled.",
)

# --------------------------------------------------------------------------------------------- process

UPTIME = signal(
    "uptime_seconds", Raw("time() - max by ({by}) ({process_start_time_seconds})", (m.PROCESS_START_TIME,)), Unit.SECONDS,
    "Uptime", "Age of the API-server process, not of the engine.",
)
CPU_CORES = rate(
    "process_cpu_cores", m.PROCESS_CPU, Unit.NONE, "CPU cores used",
    "CPU cores used by the API-server process. Near 1: Python is at its limit, and the front end slows every token.",
)
OPEN_FILES = signal(
    "open_files_ratio", Ratio(Level(m.PROCESS_OPEN_FDS, "max"), Level(m.PROCESS_MAX_FDS, "max")), Unit.RATIO,
    "Open files", "Share of the process' limit on open files; connections count. At 1 new connections fail.",
)
GC_RATE = rate(
    "gc_collections_per_second", m.GC_COLLECTIONS, Unit.PER_SECOND, "Garbage collections per second",
    "Python's collections of the API server by generation; generation 2 stops it for a moment.",
)
CONFIG_LABELS = (
    ("num_gpu_blocks", "KV blocks"),
    ("block_size", "Block size"),
    ("cache_dtype", "KV type"),
    ("gpu_memory_utilization", "GPU memory share"),
    ("enable_prefix_caching", "Prefix caching"),
)
CONFIG = signal(
    "cache_configuration",
    Raw(f"group by ({{target}}, {', '.join(label for label, _ in CONFIG_LABELS)}) ({{cache_config}})", (m.CACHE_CONFIG,)),
    Unit.NONE, "Cache configuration", "KV cache as configured: capacity in tokens is blocks times block size.",
)
RESTARTS = signal(
    "restarts_in_range", Raw("max by ({engine}) ({resets})", overs=(("resets", Over("resets", m.GENERATION_TOKENS, "1h")),)),
    Unit.COUNT, "Restarts in an hour", "How often an engine's counters started again from 0.",
)

RESTARTED = signal(
    "engine_restarted",
    Raw("max by ({engine}) ({resets}) > 0", overs=(("resets", Over("resets", m.GENERATION_TOKENS, "5m")),)),
    Unit.COUNT, "Restarts", "Engines whose counters started again from 0 in the last five minutes.",
)
_CONFIGURATIONS = (
    "count by ({{target}}) (group by ({{target}}, " + ", ".join(label for label, _ in CONFIG_LABELS) + ") ({{{}}}))"
)
RECONFIGURED = signal(
    "engine_reconfigured",
    # For ten minutes after the change a server has shown both.
    Raw(
        f"{_CONFIGURATIONS.format('configs')}\n> on ({{target}})\n{_CONFIGURATIONS.format('cache_config')}",
        (m.CACHE_CONFIG,), overs=(("configs", Over("last_over_time", m.CACHE_CONFIG, "10m")),),
    ),
    Unit.COUNT, "Configuration changes", "Servers that came back with another cache configuration in the last ten minutes.",
)
TTFT_REST = signal(
    "ttft_rest_seconds",
    Raw(
        # Queue and prefill are counted when a request ends: after longer ones they are over the first token's time.
        "clamp_min({ttft} - {queue} - {prefill}, 0)",
        parts=(("ttft", s.TTFT_MEAN.expr), ("queue", s.QUEUE_MEAN.expr), ("prefill", s.PREFILL_MEAN.expr)),
    ),
    Unit.SECONDS, "First token beyond queue and prefill, mean",
    "What is left of the mean time to first token: the front end, tokenization, a KV transfer.",
)

ALL: tuple[Signal, ...] = (
    *(value for value in list(globals().values()) if isinstance(value, Signal)),
    *feature_signals.ALL,
    *tuning_signals.ALL,
)
