"""Questions that only boards ask: shapes, rates and states that no alert judges and the report says otherwise."""

from __future__ import annotations

from vllm_observability.catalog import metrics
from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.connectors import TRANSFER_FAILURES
from vllm_observability.catalog.slo import PERIOD_DAYS
from vllm_observability.model import (
    Growth,
    Level,
    Metric,
    Node,
    Over,
    Part,
    PerSecond,
    Quantile,
    Ratio,
    Raw,
    Signal,
    Unit,
)


def _signal(id: str, expr: Node, unit: Unit, title: str, meaning: str, **more: object) -> Signal:
    return Signal(id, expr, unit, title, meaning, figure=False, **more)  # type: ignore[arg-type]


def _rate(
    id: str, metric: Metric, unit: Unit, title: str, meaning: str, part: Part = Part.VALUE, **more: object
) -> Signal:
    return _signal(id, PerSecond(Growth(metric, part)), unit, title, meaning, **more)


def _mean(id: str, metric: Metric, unit: Unit, title: str, meaning: str) -> Signal:
    return _signal(id, s.mean(metric), unit, title, meaning)


def _p(id: str, q: float, metric: Metric, unit: Unit, title: str, meaning: str) -> Signal:
    return _signal(
        f"{id}_p{q * 100:.0f}", Quantile(q, metric), unit, f"{title}, p{q * 100:.0f}", f"{meaning} Interpolated."
    )


# ---------------------------------------------------------------------------------------- who is there

ENGINES = _signal(
    "engines", Raw("count by ({by}) (max without (pid) ({requests_running}))", (m.REQUESTS_RUNNING,)), Unit.COUNT,
    "Engines", "Engines that report. A server that Prometheus can't scrape has none.", record="engines:count", topic="fleet",
)
TARGETS_DOWN = _signal(
    "targets_down", Raw("sum(1 - up{{{selector}}})"), Unit.COUNT, "Targets down",
    "Scrape targets of vLLM that Prometheus can't read. A deleted pod is no longer a target: see the engines.",
    nothing="no target matches the selector",
)
TARGETS_UP = _signal(
    "targets_up", Raw("sum by ({scope}) (up{{{selector}}})"), Unit.COUNT, "Targets up", "Scrape targets that answer.",
)
TARGETS = _signal(
    "targets", Raw("count by ({scope}) (up{{{selector}}})"), Unit.COUNT, "Targets", "Scrape targets of vLLM.",
    nothing="no target's job matches the selector (the setting target_selector)",
)
SCRAPE_AGE = _signal(
    "scrape_age_seconds", Raw("time() - min by ({scope}) (timestamp(up{{{selector}}}))"), Unit.SECONDS,
    "Last scrape, oldest", "How long ago the target was scraped that waits longest.",
)
PAGE_SAMPLES = _signal(
    "page_samples", Raw("max by ({scope}) (scrape_samples_scraped{{{selector}}})"), Unit.COUNT, "Samples on a page, largest",
    "How many samples a scrape brings.",
)
SCRAPE_TIME = _signal(
    "scrape_seconds", Raw("max by ({scope}) (scrape_duration_seconds{{{selector}}})"), Unit.SECONDS, "Scrape time, longest",
    "How long the slowest scrape takes.",
)
MODELS_RECORDED = _signal(
    "models_recorded", Raw("count by ({scope}) ({running})", series=(("running", s.RUNNING.expr),)), Unit.COUNT,
    "Models recorded", "Models for which the recording rules write series. If there are none, the rules are not loaded.",
)
HOURS_RECORDED = _signal(
    "hours_recorded", Raw(f"count_over_time({{running}}[{PERIOD_DAYS}d:1h])", series=(("running", s.RUNNING.expr),)),
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
NAMES_SEEN = _signal(
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

STEP_RATE = _rate(
    "engine_steps_per_second", m.ITERATION_TOKENS, Unit.PER_SECOND, "Engine steps per second",
    "How often the engine runs the model. 0 with running requests: it hangs.", Part.COUNT, levels=("engine", "model"),
)
TOKENS_PER_STEP = _mean(
    "tokens_per_step", m.ITERATION_TOKENS, Unit.TOKENS, "Tokens per engine step, mean",
    "Prompt and output tokens that one step handles; from 0.24.0 on without cached prompt tokens.",
)
PROMPT_BY_SOURCE = _rate(
    "prompt_tokens_per_second_by_source", m.PROMPT_TOKENS_BY_SOURCE, Unit.TOKENS_PER_SECOND, "Prompt tokens per second, by source",
    "Where prompt tokens come from: computed, or found in the cache of this engine or of another.",
)
CACHED_PROMPT_RATE = _rate(
    "prefix_cache_hit_tokens_per_second", m.PREFIX_CACHE_HITS, Unit.TOKENS_PER_SECOND, "Prompt tokens from the prefix cache per second",
    "Prompt tokens per second that need no computing.",
)
OUTPUT_INPUT_RATIO = _signal(
    "output_tokens_per_prompt_token", Ratio(PerSecond(Growth(m.GENERATION_TOKENS)), PerSecond(Growth(m.PROMPT_TOKENS))),
    Unit.NONE, "Output tokens per prompt token", "Far below 1: reading (prefill) is the work; above 1: writing (decode) is.",
)


def _lengths(id: str, metric: Metric, title: str, meaning: str) -> tuple[Signal, Signal, Signal]:
    p50, p95, p99 = (_p(id, q, metric, Unit.TOKENS, title, meaning) for q in (0.5, 0.95, 0.99))
    return p50, p95, p99


PROMPT_P50, PROMPT_P95, PROMPT_P99 = _lengths(
    "prompt_length", m.REQUEST_PROMPT_TOKENS, "Prompt length", "Prompt tokens of finished requests."
)
OUTPUT_P50, OUTPUT_P95, OUTPUT_P99 = _lengths(
    "output_length", m.REQUEST_GENERATION_TOKENS, "Output length", "Output tokens of finished requests."
)
MAX_TOKENS_ASKED = _mean(
    "max_tokens_asked", m.REQUEST_PARAMS_MAX_TOKENS, Unit.TOKENS, "max_tokens asked for, mean",
    "The limit that clients set on their answers.",
)
PREFILL_COMPUTED = _mean(
    "prefill_computed_tokens", m.REQUEST_PREFILL_COMPUTED_TOKENS, Unit.TOKENS, "Prompt tokens computed per request, mean",
    "Prompt tokens that were computed, so without those found in a cache.",
)

# ----------------------------------------------------------------------------------------------- http

HTTP_RATE = _rate(
    "http_requests_per_second", m.HTTP_REQUESTS, Unit.REQUESTS_PER_SECOND, "HTTP requests per second",
    "HTTP requests answered per second. HTTP metrics have no model label. An error after a stream began counts as 2xx.",
)

# ---------------------------------------------------------------------------------------------- cache

KV_USAGE_MIN = _signal(
    "kv_cache_usage_min_ratio", Level(m.KV_CACHE_USAGE, "min"), Unit.RATIO, "KV cache usage, emptiest engine",
    "Share of KV cache blocks in use on the emptiest engine.",
)
WAITING_BY_REASON = _signal(
    "requests_waiting_by_reason", Level(m.REQUESTS_WAITING_BY_REASON, "sum"), Unit.REQUESTS, "Waiting requests, by reason",
    "capacity: no place in the batch or the KV cache; deferred: waits for something else, as a KV transfer or a LoRA slot.",
)
PREEMPTION_RATE = _rate(
    "preemptions_per_second", m.PREEMPTIONS, Unit.PER_SECOND, "Preemptions per second",
    "Running requests per second that lost their KV blocks and are computed again.",
)
EXTERNAL_HIT = _signal(
    "external_cache_hit_ratio", Ratio(Growth(m.EXTERNAL_CACHE_HITS), Growth(m.EXTERNAL_CACHE_QUERIES)), Unit.RATIO,
    "External cache hit ratio", "Share of the tokens requested from a KV connector that it had.",
)
MM_HIT = _signal(
    "mm_cache_hit_ratio", Ratio(Growth(m.MM_CACHE_HITS), Growth(m.MM_CACHE_QUERIES)), Unit.RATIO,
    "Multimodal cache hit ratio", "Share of images and other inputs that were already processed.",
)
BLOCK_LIFETIME = _mean(
    "kv_block_lifetime", m.KV_BLOCK_LIFETIME, Unit.SECONDS, "Block lifetime, mean",
    "From a block's allocation to its eviction. Sampled.",
)
BLOCK_IDLE = _mean(
    "kv_block_idle", m.KV_BLOCK_IDLE, Unit.SECONDS, "Idle before eviction, mean",
    "How long a block lay unused before it was evicted. Short: blocks are lost that might have been reused. Sampled.",
)
BLOCK_REUSE = _mean(
    "kv_block_reuse_gap", m.KV_BLOCK_REUSE_GAP, Unit.SECONDS, "Gap between uses, mean",
    "Time between two uses of a block. Above the idle time: the cache is too small for the reuse there is. Sampled.",
)

# --------------------------------------------------------------------------------------------- process

UPTIME = _signal(
    "uptime_seconds", Raw("time() - max by ({by}) ({process_start_time_seconds})", (m.PROCESS_START_TIME,)), Unit.SECONDS,
    "Uptime", "Age of the API-server process, not of the engine.",
)
CPU_CORES = _rate(
    "process_cpu_cores", m.PROCESS_CPU, Unit.NONE, "CPU cores used",
    "CPU cores used by the API-server process. Near 1: Python is at its limit, and the front end slows every token.",
)
OPEN_FILES = _signal(
    "open_files_ratio", Ratio(Level(m.PROCESS_OPEN_FDS, "max"), Level(m.PROCESS_MAX_FDS, "max")), Unit.RATIO,
    "Open files", "Share of the process' limit on open files; connections count. At 1 new connections fail.",
)
GC_RATE = _rate(
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
CONFIG = _signal(
    "cache_configuration",
    Raw(f"group by ({{target}}, {', '.join(label for label, _ in CONFIG_LABELS)}) ({{cache_config}})", (m.CACHE_CONFIG,)),
    Unit.NONE, "Cache configuration", "KV cache as configured: capacity in tokens is blocks times block size.",
)
RESTARTS = _signal(
    "restarts_in_range", Raw("max by ({engine}) ({resets})", overs=(("resets", Over("resets", m.GENERATION_TOKENS, "1h")),)),
    Unit.COUNT, "Restarts in an hour", "How often an engine's counters started again from 0.",
)

RESTARTED = _signal(
    "engine_restarted",
    Raw("max by ({engine}) ({resets}) > 0", overs=(("resets", Over("resets", m.GENERATION_TOKENS, "5m")),)),
    Unit.COUNT, "Restarts", "Engines whose counters started again from 0 in the last five minutes.",
)
_CONFIGURATIONS = (
    "count by ({{target}}) (group by ({{target}}, " + ", ".join(label for label, _ in CONFIG_LABELS) + ") ({{{}}}))"
)
RECONFIGURED = _signal(
    "engine_reconfigured",
    # For ten minutes after the change a server has shown both.
    Raw(
        f"{_CONFIGURATIONS.format('configs')}\n> on ({{target}})\n{_CONFIGURATIONS.format('cache_config')}",
        (m.CACHE_CONFIG,), overs=(("configs", Over("last_over_time", m.CACHE_CONFIG, "10m")),),
    ),
    Unit.COUNT, "Configuration changes", "Servers that came back with another cache configuration in the last ten minutes.",
)
TTFT_REST = _signal(
    "ttft_rest_seconds",
    Raw(
        # Queue and prefill are counted when a request ends: after longer ones they are over the first token's time.
        "clamp_min({ttft} - {queue} - {prefill}, 0)",
        parts=(("ttft", s.TTFT_MEAN.expr), ("queue", s.QUEUE_MEAN.expr), ("prefill", s.PREFILL_MEAN.expr)),
    ),
    Unit.SECONDS, "First token beyond queue and prefill, mean",
    "What is left of the mean time to first token: the front end, tokenization, a KV transfer.",
)

# -------------------------------------------------------------------------------------------- features

ACCEPTED_RATE = _rate(
    "spec_decode_accepted_tokens_per_second", m.SPEC_ACCEPTED_TOKENS, Unit.TOKENS_PER_SECOND, "Accepted draft tokens per second",
    "Draft tokens per second that the model accepted.",
)
DRAFTED_RATE = _rate(
    "spec_decode_draft_tokens_per_second", m.SPEC_DRAFT_TOKENS, Unit.TOKENS_PER_SECOND, "Draft tokens per second",
    "Draft tokens proposed per second.",
)
ACCEPTED_BY_POSITION = _signal(
    "spec_decode_acceptance_by_position",
    Raw(
        "{accepted}\n/ on ({model}) group_left ()\n({drafts} > 0)",
        parts=(
            ("accepted", PerSecond(Growth(m.SPEC_ACCEPTED_PER_POSITION))),
            ("drafts", PerSecond(Growth(m.SPEC_DRAFTS))),
        ),
    ),
    Unit.RATIO, "Draft acceptance, by position", "Share of drafts whose token at this position was accepted.",
)
LORA = _signal(
    "lora_adapters",
    Raw(
        # The value is a time: the newest row of a server says which adapters it runs now.
        "1000 * topk by ({target}) (1, max by ({target}, max_lora, running_lora_adapters, waiting_lora_adapters) ({lora_requests}))",
        (m.LORA_REQUESTS,),
    ),
    Unit.MILLISECONDS_SINCE_1970, "LoRA adapters", "Adapters of running and of waiting requests, and how many fit (--max-loras).",
)
SLEEP_STATE = _signal(
    "engine_asleep",
    Raw('max by ({engine}) ({asleep})', overs=(("asleep", Over("last_over_time", m.ENGINE_SLEEP_STATE, "5m", where=(("sleep_state", "!=", "awake"),))),)),
    Unit.NONE, "Asleep", "1: the engine sleeps, its weights offloaded or discarded.",
)
FLOPS = _rate(
    "flops_per_gpu", m.ESTIMATED_FLOPS, Unit.FLOPS, "FLOP/s per GPU",
    "vLLM's own estimate. Divided by what the GPU can do, it is the model FLOPs utilization (MFU).",
)
MEMORY_READ = _rate(
    "memory_read_per_gpu", m.ESTIMATED_READ_BYTES, Unit.BYTES_PER_SECOND, "Memory reads per GPU", "vLLM's own estimate of bytes read.",
)
MEMORY_WRITE = _rate(
    "memory_write_per_gpu", m.ESTIMATED_WRITE_BYTES, Unit.BYTES_PER_SECOND, "Memory writes per GPU", "vLLM's own estimate of bytes written.",
)
KV_FETCH = _signal(
    "kv_fetch_requests", Level(m.KV_FETCH_REQUESTS, "sum"), Unit.REQUESTS, "Requests that wait for KV, by stage",
    "Requests whose KV blocks are being fetched from elsewhere.",
)


def _of(id: str) -> Metric:
    return metrics.BY_ID[id]


NIXL_TIME = _mean(
    "nixl_transfer_seconds", _of("nixl_xfer_time_seconds"), Unit.SECONDS, "Transfer time, mean",
    "How long one KV transfer takes.",
)
NIXL_RATE = _rate(
    "nixl_transfers_per_second", _of("nixl_xfer_time_seconds"), Unit.PER_SECOND, "Transfers per second", "KV transfers per second.",
    Part.COUNT,
)
NIXL_BYTES = _rate(
    "nixl_bytes_per_second", _of("nixl_bytes_transferred"), Unit.BYTES_PER_SECOND, "Bytes per second", "KV bytes moved per second.",
    Part.SUM,
)
NIXL_EXPIRED = _rate(
    "nixl_expired_per_second", _of("nixl_num_kv_expired_reqs"), Unit.PER_SECOND, "Expired requests per second",
    "Requests whose KV blocks expired before anybody fetched them: they are computed again.",
)
OFFLOAD_LOAD = _rate(
    "kv_offload_load_bytes_per_second", _of("kv_offload_load_bytes"), Unit.BYTES_PER_SECOND, "Loaded per second",
    "KV bytes per second from CPU memory to the GPU.",
)
OFFLOAD_STORE = _rate(
    "kv_offload_store_bytes_per_second", _of("kv_offload_store_bytes"), Unit.BYTES_PER_SECOND, "Stored per second",
    "KV bytes per second from the GPU to CPU memory.",
)
OFFLOAD_USAGE = _signal(
    "kv_offload_cpu_usage", Level(_of("kv_offload_cpu_cache_usage"), "max"), Unit.RATIO, "CPU cache usage",
    "Share of the CPU's KV cache in use.",
)
OFFLOAD_FAILURES = _rate(
    "kv_offload_allocation_failures_per_second", _of("kv_offload_allocation_failure"), Unit.PER_SECOND,
    "Failed allocations per second", "Stores that found no room in CPU memory.",
)
TRANSFER_FAILURES_RATE = _signal(
    "kv_transfer_failures_by_kind",
    Raw(
        "sum by ({model}, of) (\n  "
        + "\n  or\n  ".join(f'label_replace({{{x.id}}}, "of", "{x.id}", "", "")' for x in TRANSFER_FAILURES)
        + "\n)",
        overs=tuple((x.id, Over("rate", x, "{rate_window}")) for x in TRANSFER_FAILURES),
    ),
    Unit.PER_SECOND, "Failed KV transfers per second, by kind", "Failures of moving KV blocks, over every connector.",
    nothing="no KV connector that counts failures is switched on",
)

ALL: tuple[Signal, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Signal))
