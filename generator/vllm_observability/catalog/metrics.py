"""Every metric a vLLM server exposes, through all its names, from 0.4.2 to 0.33.0; raw names are written here only.

Source of names, labels, buckets and versions: vLLM's own source, release by release (`vllm/engine/metrics.py` for V0,
`vllm/v1/metrics/loggers.py` for V1), checked against pages recorded from running servers. Releases between the examined
ones were not opened, so "since 0.12.0" means "absent in 0.11.0, present in 0.12.0". KV-connector families, which only
their users see, are in connectors.py.
"""

from __future__ import annotations

from vllm_observability.catalog import connectors
from vllm_observability.model import Buckets, Kind, Metric, Name, Owner, Unit

EXAMINED = (
    "0.4.2 0.5.4 0.6.3 0.6.6 0.7.3 0.8.0 0.8.5 0.9.0 0.9.2 0.10.0 0.10.2 0.11.0 0.12.0 0.13.0 0.14.0 0.15.0 0.16.0 "
    "0.18.0 0.20.0 0.22.0 0.24.0 0.26.0 0.28.0 0.30.0 0.31.0 0.32.0 0.33.0"
).split()

MODEL = ("model_name", "engine")


def names(*texts: str) -> tuple[Name, ...]:
    """`"vllm:x 0.9.2"`, `"vllm:y 0.4.2 0.10.2"` (first, last), `"… 0.4.2 0.10.2 0.11.0 V1"` (hidden until, engine)."""
    out = []
    for text in texts:
        words = text.split()
        engine = words.pop() if words[-1] in ("V0", "V1") else "both"
        name, since, until, hidden = [*words, None, None][:4]
        out.append(Name(str(name), str(since), until, hidden, engine))  # type: ignore[arg-type]
    return tuple(out)


# -------------------------------------------------------------------------------------------- buckets
# Finite bounds; +Inf is always added. From 0.32.0 --custom-histogram-buckets can replace any of them.

_TTFT_OLD = (0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
_TTFT = (Buckets("0.8.5", (*_TTFT_OLD, 20.0, 40.0, 80.0, 160.0, 640.0, 2560.0)), Buckets("0.4.2", _TTFT_OLD, "0.8.0"))
_ITL_OLD = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5)
_ITL = (Buckets("0.8.5", (*_ITL_OLD, 5.0, 7.5, 10.0, 20.0, 40.0, 80.0)), Buckets("0.4.2", _ITL_OLD, "0.8.0"))
_PHASE_OLD = (0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 2.5, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 60.0)
_PHASE = (
    Buckets("0.8.5", (*_PHASE_OLD, 120.0, 240.0, 480.0, 960.0, 1920.0, 7680.0)),
    Buckets("0.6.6", _PHASE_OLD, "0.8.0"),
)
_E2E = (*_PHASE, Buckets("0.4.2", (1.0, 2.5, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 60.0), "0.6.3"))
_LENGTH = (Buckets("0.4.2", ()),)  # 1, 2, 5, 10, 20, 50 … up to max_model_len: depends on the model
_STEP_TOKENS = (
    Buckets("0.8.5", (1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384)),
    Buckets("0.6.6", (), "0.8.0"),  # CUDA-graph capture sizes
)
_SMALL_COUNT = (Buckets("0.4.2", (1, 2, 5, 10, 20)),)
_RESIDENCY = (
    Buckets(
        "0.12.0",
        (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800),
    ),
)
_SPEC = "speculative decoding (--speculative-config)"
_MFU = "--enable-mfu-metrics (always exposed, stays 0 without it)"
_KV_METRICS = "--kv-cache-metrics (sampled)"
_DEV = "VLLM_SERVER_DEV_MODE=1, after first use"


# ------------------------------------------------------------------------------------- requests, queue

REQUESTS_RUNNING = Metric(
    "requests_running", Kind.GAUGE, Unit.REQUESTS, "Requests in the execution batch now.",
    names("vllm:num_requests_running 0.4.2"), topic="load",
    notes="Written only when the engine steps: a hung engine leaves it frozen.",
)
REQUESTS_WAITING = Metric(
    "requests_waiting", Kind.GAUGE, Unit.REQUESTS, "Requests admitted but not yet in the batch.",
    names("vllm:num_requests_waiting 0.4.2"), topic="load",
    notes="From 0.20.0 the sum of its two reasons, capacity and deferred.",
)
REQUESTS_WAITING_BY_REASON = Metric(
    "requests_waiting_by_reason", Kind.GAUGE, Unit.REQUESTS,
    "Waiting requests split by cause: capacity, or deferred (LoRA budget, KV transfer).",
    names("vllm:num_requests_waiting_by_reason 0.20.0 V1"), (*MODEL, "reason"), ("reason",), topic="load",
)
KV_FETCH_REQUESTS = Metric(
    "kv_fetch_requests", Kind.GAUGE, Unit.REQUESTS, "Waiting requests that need an asynchronous KV load, by stage.",
    names("vllm:num_requests_kv_fetch_by_stage 0.32.0 V1"), (*MODEL, "stage"), ("stage",), topic="load",
    condition="a KV connector with role kv_consumer or kv_both",
)
REQUESTS_SWAPPED = Metric(
    "requests_swapped", Kind.GAUGE, Unit.REQUESTS, "Requests swapped out to CPU memory (V1 recomputes instead).",
    names("vllm:num_requests_swapped 0.4.2 0.8.0 0.9.0 V0"), ("model_name",), topic="load",
)
ENGINE_SLEEP_STATE = Metric(
    "engine_sleep_state", Kind.GAUGE, Unit.NONE, "1 for the present state: awake, weights_offloaded or discard_all.",
    names("vllm:engine_sleep_state 0.12.0 V1"), (*MODEL, "sleep_state"), ("sleep_state",), topic="load",
)
REQUEST_SUCCESS = Metric(
    "request_success", Kind.COUNTER, Unit.REQUESTS, "Finished sequences by reason: stop, length, abort, error, repetition.",
    names("vllm:request_success_total 0.4.2"), (*MODEL, "finished_reason"), ("finished_reason",), topic="requests",
    notes="Despite its name it counts errors (0.13.0+) and aborts. A request with n=2 counts twice. Client disconnects "
    "are usually not counted at all (V1). V0 creates a reason's series on first use, V1 at 0.",
)
ADMISSION_REJECTIONS = Metric(
    "admission_rejections", Kind.COUNTER, Unit.REQUESTS, "Requests refused by a queue limit of the front end (HTTP 503).",
    names("vllm:admission_rejections_total 0.32.0 V1"), ("model_name", "reason"), ("reason",), topic="requests",
    notes="Always exposed at 0; moves only with --max-num-queued-reqs or --max-num-queued-tokens.",
)
CORRUPTED_REQUESTS = Metric(
    "corrupted_requests", Kind.COUNTER, Unit.REQUESTS, "Finished requests that had NaN in their logits.",
    names("vllm:corrupted_requests_total 0.12.0 V1"), topic="requests", condition="VLLM_COMPUTE_NANS_IN_LOGITS=1",
)
WATERMARK_REQUESTS = Metric(
    "watermark_requests", Kind.COUNTER, Unit.REQUESTS, "Finished requests by watermark status.",
    names("vllm:watermark_requests_total 0.32.0 V1"), (*MODEL, "status"), ("status",), topic="requests",
    condition="watermark_config",
)
PREEMPTIONS = Metric(
    "preemptions", Kind.COUNTER, Unit.COUNT, "Times a running request was put back because the KV cache was full.",
    names("vllm:num_preemptions_total 0.5.4"), topic="cache",
)
REQUEST_PREEMPTIONS = Metric(
    "request_preemptions", Kind.HISTOGRAM, Unit.COUNT, "Preemptions that each finished request went through.",
    names("vllm:request_num_preemptions 0.30.0 V1"), buckets=(Buckets("0.30.0", (1, 2, 3, 4, 5, 10, 20)),), topic="cache",
    notes="The first bucket mixes 0 and 1.",
)

# ---------------------------------------------------------------------------------------------- tokens

PROMPT_TOKENS = Metric(
    "prompt_tokens", Kind.COUNTER, Unit.TOKENS, "Prompt tokens handled, prefix-cached ones included.",
    names("vllm:prompt_tokens_total 0.4.2"), topic="tokens",
    notes="Counted at a request's first output. Not prefill work: cached and transferred tokens count too.",
)
GENERATION_TOKENS = Metric(
    "generation_tokens", Kind.COUNTER, Unit.TOKENS, "Output tokens produced, counted at every step.",
    names("vllm:generation_tokens_total 0.4.2"), topic="tokens",
)
PROMPT_TOKENS_BY_SOURCE = Metric(
    "prompt_tokens_by_source", Kind.COUNTER, Unit.TOKENS,
    "Prompt tokens by where their KV came from: local_compute, local_cache_hit or external_kv_transfer.",
    names("vllm:prompt_tokens_by_source_total 0.16.0 V1"), (*MODEL, "source"), ("source",), topic="tokens",
)
PROMPT_TOKENS_CACHED = Metric(
    "prompt_tokens_cached", Kind.COUNTER, Unit.TOKENS, "Prompt tokens whose prefill was skipped.",
    names("vllm:prompt_tokens_cached_total 0.16.0 V1"), topic="tokens",
)
PROMPT_TOKENS_RECOMPUTED = Metric(
    "prompt_tokens_recomputed", Kind.COUNTER, Unit.TOKENS, "Cached tokens that were computed again.",
    names("vllm:prompt_tokens_recomputed_total 0.16.0 0.18.0 V1"), topic="tokens",
)
PROMPT_TOKENS_CACHED_BY_SOURCE = Metric(
    "prompt_tokens_cached_by_source", Kind.COUNTER, Unit.TOKENS,
    "Prefix-cache hit tokens by tier: device, host, p2p, disk or external_unspecified.",
    names("vllm:prompt_tokens_cached_by_source_total 0.32.0 V1"), (*MODEL, "source"), ("source",), topic="tokens",
)
TOKENS_DECLARED = Metric(
    "tokens_declared", Kind.COUNTER, Unit.TOKENS, "Declared, never incremented: do not use.",
    names("vllm:tokens_total 0.6.6 0.7.3 V0"), ("model_name",), topic="tokens",
)
AVG_PROMPT_THROUGHPUT = Metric(
    "avg_prompt_throughput", Kind.GAUGE, Unit.TOKENS_PER_SECOND, "Prompt tokens per second over the last log interval.",
    names("vllm:avg_prompt_throughput_toks_per_s 0.4.2 0.6.6 V0"), ("model_name",), topic="tokens",
)
AVG_GENERATION_THROUGHPUT = Metric(
    "avg_generation_throughput", Kind.GAUGE, Unit.TOKENS_PER_SECOND, "Output tokens per second over the last log interval.",
    names("vllm:avg_generation_throughput_toks_per_s 0.4.2 0.6.6 V0"), ("model_name",), topic="tokens",
)
ITERATION_TOKENS = Metric(
    "iteration_tokens", Kind.HISTOGRAM, Unit.TOKENS, "Tokens handled per engine step; its count is the number of steps.",
    names("vllm:iteration_tokens_total 0.6.6"), buckets=_STEP_TOKENS, topic="tokens",
    notes="A histogram although it ends in _total. From 0.24.0 cached prompt tokens are no longer counted.",
)
REQUEST_PROMPT_TOKENS = Metric(
    "request_prompt_tokens", Kind.HISTOGRAM, Unit.TOKENS, "Prompt length of finished requests.",
    names("vllm:request_prompt_tokens 0.4.2"), buckets=_LENGTH, topic="tokens",
)
REQUEST_GENERATION_TOKENS = Metric(
    "request_generation_tokens", Kind.HISTOGRAM, Unit.TOKENS, "Output length of finished requests.",
    names("vllm:request_generation_tokens 0.4.2"), buckets=_LENGTH, topic="tokens",
)
REQUEST_MAX_GENERATION_TOKENS = Metric(
    "request_max_generation_tokens", Kind.HISTOGRAM, Unit.TOKENS, "Longest output among the sequences of one request.",
    names("vllm:request_max_num_generation_tokens 0.6.6"), buckets=_LENGTH, topic="tokens",
)
REQUEST_PREFILL_COMPUTED_TOKENS = Metric(
    "request_prefill_computed_tokens", Kind.HISTOGRAM, Unit.TOKENS, "Prompt tokens computed, not cached, per request.",
    names("vllm:request_prefill_kv_computed_tokens 0.13.0 V1"), buckets=_LENGTH, topic="tokens",
)
REQUEST_PARAMS_N = Metric(
    "request_params_n", Kind.HISTOGRAM, Unit.COUNT, "The request parameter n.",
    names("vllm:request_params_n 0.4.2"), buckets=_SMALL_COUNT, topic="requests",
)
REQUEST_PARAMS_BEST_OF = Metric(
    "request_params_best_of", Kind.HISTOGRAM, Unit.COUNT, "The request parameter best_of.",
    names("vllm:request_params_best_of 0.4.2 0.5.4 V0"), ("model_name",), buckets=_SMALL_COUNT, topic="requests",
)
REQUEST_PARAMS_MAX_TOKENS = Metric(
    "request_params_max_tokens", Kind.HISTOGRAM, Unit.TOKENS, "The request parameter max_tokens, where set.",
    names("vllm:request_params_max_tokens 0.6.6"), buckets=_LENGTH, topic="requests",
)

# --------------------------------------------------------------------------------------------- latency

TTFT = Metric(
    "time_to_first_token_seconds", Kind.HISTOGRAM, Unit.SECONDS, "Time from arrival at the API server to the first output.",
    names("vllm:time_to_first_token_seconds 0.4.2"), buckets=_TTFT, topic="latency",
    notes="Live: written when the first token appears. Includes queueing and prefill, not the network back.",
)
ITL = Metric(
    "inter_token_latency_seconds", Kind.HISTOGRAM, Unit.SECONDS, "Time between consecutive outputs of one request.",
    names(
        "vllm:inter_token_latency_seconds 0.10.2",
        "vllm:time_per_output_token_seconds 0.4.2 0.11.0 0.14.0",
    ),
    buckets=_ITL, topic="latency",
    notes="Live. One observation per engine output: with speculative decoding several tokens share one. The old name "
    "measured the same thing, whatever it says.",
)
TPOT = Metric(
    "request_time_per_output_token_seconds", Kind.HISTOGRAM, Unit.SECONDS,
    "Mean time per output token of each finished request, its first token left out.",
    names("vllm:request_time_per_output_token_seconds 0.11.0 V1"), buckets=_ITL, topic="latency",
    notes="Written at the request's end. One-token outputs record 0.",
)
E2E = Metric(
    "e2e_request_latency_seconds", Kind.HISTOGRAM, Unit.SECONDS, "Time from arrival to the last token.",
    names("vllm:e2e_request_latency_seconds 0.4.2"), buckets=_E2E, topic="latency",
    notes="Written at the request's end: a request that hangs is invisible here.",
)
QUEUE_TIME = Metric(
    "request_queue_time_seconds", Kind.HISTOGRAM, Unit.SECONDS, "Time a finished request spent waiting.",
    names("vllm:request_queue_time_seconds 0.6.6"), buckets=_PHASE, topic="latency",
    notes="No bucket bound under 0.3 s, so its percentiles say nothing below that: use the mean.",
)
INFERENCE_TIME = Metric(
    "request_inference_time_seconds", Kind.HISTOGRAM, Unit.SECONDS, "Time a finished request spent running.",
    names("vllm:request_inference_time_seconds 0.6.6"), buckets=_PHASE, topic="latency",
)
PREFILL_TIME = Metric(
    "request_prefill_time_seconds", Kind.HISTOGRAM, Unit.SECONDS, "Time a finished request spent in prefill.",
    names("vllm:request_prefill_time_seconds 0.6.6"), buckets=_PHASE, topic="latency",
)
DECODE_TIME = Metric(
    "request_decode_time_seconds", Kind.HISTOGRAM, Unit.SECONDS, "Time a finished request spent in decode.",
    names("vllm:request_decode_time_seconds 0.6.6"), buckets=_PHASE, topic="latency",
)
TIME_IN_QUEUE = Metric(
    "time_in_queue_requests", Kind.HISTOGRAM, Unit.SECONDS, "V0's second queue-time histogram.",
    names("vllm:time_in_queue_requests 0.6.6 0.8.0 0.9.0 V0"), ("model_name",), buckets=_PHASE, topic="latency",
)
MODEL_FORWARD_TIME = Metric(
    "model_forward_time_milliseconds", Kind.HISTOGRAM, Unit.MILLISECONDS, "V0: forward-pass time of a request.",
    names("vllm:model_forward_time_milliseconds 0.6.6 0.8.0 0.9.0 V0"), ("model_name",), topic="latency",
)
MODEL_EXECUTE_TIME = Metric(
    "model_execute_time_milliseconds", Kind.HISTOGRAM, Unit.MILLISECONDS, "V0: model-execution time of a request.",
    names("vllm:model_execute_time_milliseconds 0.6.6 0.8.0 0.9.0 V0"), ("model_name",), topic="latency",
)

# ----------------------------------------------------------------------------------------------- cache

KV_CACHE_USAGE = Metric(
    "kv_cache_usage", Kind.GAUGE, Unit.RATIO, "Share of KV cache blocks in use, 0 to 1 despite the _perc of its name.",
    names("vllm:kv_cache_usage_perc 0.9.2 V1", "vllm:gpu_cache_usage_perc 0.4.2 0.10.2 0.11.0"), topic="cache",
    notes="Prefix-cached blocks that nobody holds count as free.",
)
CPU_CACHE_USAGE = Metric(
    "cpu_cache_usage", Kind.GAUGE, Unit.RATIO, "V0: share of CPU swap blocks in use.",
    names("vllm:cpu_cache_usage_perc 0.4.2 0.8.0 0.9.0 V0"), ("model_name",), topic="cache",
)
CACHE_CONFIG = Metric(
    "cache_config", Kind.INFO, Unit.NONE, "Cache configuration, as labels: blocks, block size, dtype, memory share.",
    names("vllm:cache_config_info 0.4.2"), ("engine", "num_gpu_blocks", "block_size"), topic="cache",
    notes="No model_name. The label set changes in most releases. Unset values are the word None.",
)
PREFIX_CACHE_QUERIES = Metric(
    "prefix_cache_queries", Kind.COUNTER, Unit.TOKENS, "Prompt tokens looked up in the prefix cache.",
    names("vllm:prefix_cache_queries_total 0.9.2 V1", "vllm:gpu_prefix_cache_queries_total 0.7.3 0.10.2 0.11.0 V1"),
    topic="cache", notes="The old name counted blocks up to 0.8.5, tokens from 0.9.0: use ratios.",
)
PREFIX_CACHE_HITS = Metric(
    "prefix_cache_hits", Kind.COUNTER, Unit.TOKENS, "Prompt tokens found in the prefix cache.",
    names("vllm:prefix_cache_hits_total 0.9.2 V1", "vllm:gpu_prefix_cache_hits_total 0.7.3 0.10.2 0.11.0 V1"),
    topic="cache", notes="The old name counted blocks up to 0.8.5, tokens from 0.9.0: use ratios.",
)
PREFIX_CACHE_HIT_RATE = Metric(
    "prefix_cache_hit_rate", Kind.GAUGE, Unit.RATIO, "V0's ready-made prefix-cache hit ratio; -1 means off.",
    names("vllm:gpu_prefix_cache_hit_rate 0.6.3 0.8.0 0.9.0 V0"), ("model_name",), topic="cache",
)
CPU_PREFIX_CACHE_HIT_RATE = Metric(
    "cpu_prefix_cache_hit_rate", Kind.GAUGE, Unit.RATIO, "V0's hit ratio of the CPU cache; -1 means off.",
    names("vllm:cpu_prefix_cache_hit_rate 0.6.3 0.8.0 0.9.0 V0"), ("model_name",), topic="cache",
)
EXTERNAL_CACHE_QUERIES = Metric(
    "external_prefix_cache_queries", Kind.COUNTER, Unit.TOKENS, "Tokens looked up through a KV connector.",
    names("vllm:external_prefix_cache_queries_total 0.12.0 V1"), topic="cache",
    notes="Always exposed; moves only with --kv-transfer-config. Covers what missed the local cache.",
)
EXTERNAL_CACHE_HITS = Metric(
    "external_prefix_cache_hits", Kind.COUNTER, Unit.TOKENS, "Tokens found through a KV connector.",
    names("vllm:external_prefix_cache_hits_total 0.12.0 V1"), topic="cache",
)
MM_CACHE_QUERIES = Metric(
    "mm_cache_queries", Kind.COUNTER, Unit.COUNT, "Media items looked up in the multimodal cache.",
    names("vllm:mm_cache_queries_total 0.12.0 V1"), topic="cache",
)
MM_CACHE_HITS = Metric(
    "mm_cache_hits", Kind.COUNTER, Unit.COUNT, "Media items found in the multimodal cache.",
    names("vllm:mm_cache_hits_total 0.12.0 V1"), topic="cache",
)
KV_BLOCK_LIFETIME = Metric(
    "kv_block_lifetime_seconds", Kind.HISTOGRAM, Unit.SECONDS, "Life of a KV block, allocation to eviction.",
    names("vllm:kv_block_lifetime_seconds 0.12.0 V1"), buckets=_RESIDENCY, topic="cache", condition=_KV_METRICS,
)
KV_BLOCK_IDLE = Metric(
    "kv_block_idle_before_evict_seconds", Kind.HISTOGRAM, Unit.SECONDS, "How long a KV block lay idle before eviction.",
    names("vllm:kv_block_idle_before_evict_seconds 0.12.0 V1"), buckets=_RESIDENCY, topic="cache", condition=_KV_METRICS,
)
KV_BLOCK_REUSE_GAP = Metric(
    "kv_block_reuse_gap_seconds", Kind.HISTOGRAM, Unit.SECONDS, "Gap between two uses of a KV block.",
    names("vllm:kv_block_reuse_gap_seconds 0.12.0 V1"), buckets=_RESIDENCY, topic="cache", condition=_KV_METRICS,
)

# -------------------------------------------------------------------------------------------- features

SPEC_DRAFTS = Metric(
    "spec_decode_drafts", Kind.COUNTER, Unit.COUNT, "Drafts made, one per speculative step of a request.",
    names("vllm:spec_decode_num_drafts_total 0.8.5 V1"), topic="features", condition=_SPEC,
)
SPEC_DRAFT_TOKENS = Metric(
    "spec_decode_draft_tokens", Kind.COUNTER, Unit.TOKENS, "Draft tokens proposed.",
    names("vllm:spec_decode_num_draft_tokens_total 0.5.4"), topic="features", condition=_SPEC,
)
SPEC_ACCEPTED_TOKENS = Metric(
    "spec_decode_accepted_tokens", Kind.COUNTER, Unit.TOKENS, "Draft tokens accepted.",
    names("vllm:spec_decode_num_accepted_tokens_total 0.5.4"), topic="features", condition=_SPEC,
)
SPEC_ACCEPTED_PER_POSITION = Metric(
    "spec_decode_accepted_tokens_per_position", Kind.COUNTER, Unit.TOKENS, "Draft tokens accepted, by draft position.",
    names("vllm:spec_decode_num_accepted_tokens_per_pos_total 0.8.5 V1"), (*MODEL, "position"), ("position",),
    topic="features", condition=_SPEC,
)
SPEC_ACCEPTANCE_RATE = Metric(
    "spec_decode_draft_acceptance_rate", Kind.GAUGE, Unit.RATIO, "V0's ready-made draft acceptance ratio.",
    names("vllm:spec_decode_draft_acceptance_rate 0.5.4 0.9.2 V0"), ("model_name",), topic="features", condition=_SPEC,
)
SPEC_EFFICIENCY = Metric(
    "spec_decode_efficiency", Kind.GAUGE, Unit.RATIO, "V0's speculative-decoding system efficiency.",
    names("vllm:spec_decode_efficiency 0.5.4 0.9.2 V0"), ("model_name",), topic="features", condition=_SPEC,
)
SPEC_EMITTED_TOKENS = Metric(
    "spec_decode_emitted_tokens", Kind.COUNTER, Unit.TOKENS, "V0: tokens emitted by speculative decoding.",
    names("vllm:spec_decode_num_emitted_tokens_total 0.5.4 0.9.2 V0"), ("model_name",), topic="features", condition=_SPEC,
)
LORA_REQUESTS = Metric(
    "lora_requests", Kind.INFO, Unit.TIMESTAMP, "LoRA adapters in use, as labels; the value is the time of the last change.",
    names("vllm:lora_requests_info 0.6.6"), ("max_lora", "waiting_lora_adapters", "running_lora_adapters"),
    topic="features", condition="--enable-lora (V1)",
    notes="Every combination ever seen stays as a series; the newest value is the present one. No model_name.",
)
ESTIMATED_FLOPS = Metric(
    "estimated_flops_per_gpu", Kind.COUNTER, Unit.FLOPS, "Estimated floating-point operations per GPU.",
    names("vllm:estimated_flops_per_gpu_total 0.18.0 V1"), topic="features", condition=_MFU,
)
ESTIMATED_READ_BYTES = Metric(
    "estimated_read_bytes_per_gpu", Kind.COUNTER, Unit.BYTES, "Estimated bytes read from GPU memory.",
    names("vllm:estimated_read_bytes_per_gpu_total 0.18.0 V1"), topic="features", condition=_MFU,
)
ESTIMATED_WRITE_BYTES = Metric(
    "estimated_write_bytes_per_gpu", Kind.COUNTER, Unit.BYTES, "Estimated bytes written to GPU memory.",
    names("vllm:estimated_write_bytes_per_gpu_total 0.18.0 V1"), topic="features", condition=_MFU,
)
TOOL_CALL_PARSER = Metric(
    "tool_call_parser_invocations", Kind.COUNTER, Unit.COUNT, "Tool-call parser runs by mode, outcome and request type.",
    names("vllm:tool_call_parser_invocations_total 0.24.0"), ("model_name", "mode", "outcome", "request_type"),
    ("mode", "outcome"), topic="features", condition="--tool-call-parser",
)
DIFFUSION = tuple(
    Metric(
        f"diffusion_{what}", Kind.COUNTER, Unit.COUNT, meaning, names(f"vllm:diffusion_num_{what}_total 0.24.0 V1"),
        topic="features", condition="a diffusion language model",
    )
    for what, meaning in (
        ("denoising_steps", "Denoising steps of a diffusion model."),
        ("canvas_positions", "Canvas positions evaluated by a diffusion model."),
        ("committed_tokens", "Tokens finalised by a diffusion model."),
    )
)
WEBSOCKETS_ACTIVE = Metric(
    "websocket_connections_active", Kind.GAUGE, Unit.COUNT, "Open WebSocket connections.",
    names("vllm:websocket_connections_active 0.18.0"), (), topic="features", condition="a realtime model",
)
WEBSOCKETS = Metric(
    "websocket_connections", Kind.COUNTER, Unit.COUNT, "WebSocket connections accepted.",
    names("vllm:websocket_connections_total 0.18.0"), (), topic="features", condition="a realtime model",
)
WEBSOCKET_DURATION = Metric(
    "websocket_connection_duration_seconds", Kind.HISTOGRAM, Unit.SECONDS, "Duration of WebSocket connections.",
    names("vllm:websocket_connection_duration_seconds 0.18.0"), (), topic="features", condition="a realtime model",
)
DEVELOPMENT = (
    Metric(
        "sleep_mode_operation_duration_seconds", Kind.HISTOGRAM, Unit.SECONDS, "Duration of sleep and wake operations.",
        names("vllm:sleep_mode_operation_duration_seconds 0.32.0"), ("operation",), topic="features", condition=_DEV,
    ),
    Metric(
        "sleep_mode_operations_in_flight", Kind.GAUGE, Unit.COUNT, "Sleep and wake operations under way.",
        names("vllm:sleep_mode_operations_in_flight 0.32.0"), ("operation",), topic="features", condition=_DEV,
    ),
    Metric(
        "rl_weight_update_operation_duration_seconds", Kind.HISTOGRAM, Unit.SECONDS, "Duration of RL weight updates.",
        names("vllm:rl_weight_update_operation_duration_seconds 0.32.0"), ("operation",), topic="features", condition=_DEV,
    ),
)
WEIGHT_UPDATES = Metric(
    "rl_weight_update_operations_in_flight", Kind.GAUGE, Unit.COUNT, "RL weight updates under way.",
    names("vllm:rl_weight_update_operations_in_flight 0.32.0"), ("operation",), topic="features", condition=_DEV,
)

# ----------------------------------------------------------------------------- API server and its process

HTTP_REQUESTS = Metric(
    "http_requests", Kind.COUNTER, Unit.REQUESTS, "HTTP requests by handler, method and status class (2xx, 4xx, 5xx).",
    names("http_requests_total 0.8.5"), ("handler", "method", "status"), ("handler", "status"), topic="http", owner=Owner.SERVER,
    notes="/metrics, /health, /load, /ping, /version and /server_info are left out. A streamed answer that never ends "
    "still counts as 2xx.",
)
HTTP_DURATION = Metric(
    "http_request_duration_seconds", Kind.HISTOGRAM, Unit.SECONDS, "HTTP request duration per handler, stream included.",
    names("http_request_duration_seconds 0.8.5"), ("handler", "method"), buckets=(Buckets("0.8.5", (0.1, 0.5, 1.0)),),
    topic="http", owner=Owner.SERVER,
)
HTTP_DURATION_FINE = Metric(
    "http_request_duration_highr_seconds", Kind.HISTOGRAM, Unit.SECONDS, "HTTP request duration, all handlers together.",
    names("http_request_duration_highr_seconds 0.8.5"), (), topic="http", owner=Owner.SERVER,
    buckets=(
        Buckets(
            "0.8.5",
            (0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 7.5, 10, 30, 60),
        ),
    ),
)
HTTP_REQUEST_SIZE = Metric(
    "http_request_size_bytes", Kind.SUMMARY, Unit.BYTES, "Request size, from Content-Length.",
    names("http_request_size_bytes 0.8.5"), ("handler",), topic="http", owner=Owner.SERVER,
)
HTTP_RESPONSE_SIZE = Metric(
    "http_response_size_bytes", Kind.SUMMARY, Unit.BYTES, "Response size, from Content-Length; streamed answers add 0.",
    names("http_response_size_bytes 0.8.5"), ("handler",), topic="http", owner=Owner.SERVER,
)


def _process(id: str, kind: Kind, unit: Unit, meaning: str, labels: tuple[str, ...] = ()) -> Metric:
    # Absent with several API servers (and so with data parallel) and behind the Rust front end.
    name = f"{id}_total 0.4.2" if kind is Kind.COUNTER else f"{id} 0.4.2"
    return Metric(id, kind, unit, meaning, names(name), labels, labels, topic="process", owner=Owner.PROCESS)


GC_COLLECTED = _process("python_gc_objects_collected", Kind.COUNTER, Unit.COUNT, "Objects collected.", ("generation",))
GC_UNCOLLECTABLE = _process(
    "python_gc_objects_uncollectable", Kind.COUNTER, Unit.COUNT, "Objects that can't be collected.", ("generation",)
)
GC_COLLECTIONS = _process("python_gc_collections", Kind.COUNTER, Unit.COUNT, "Garbage collections.", ("generation",))
PYTHON_INFO = Metric(
    "python_info", Kind.INFO, Unit.NONE, "Python version, as labels.", names("python_info 0.4.2"),
    ("implementation", "major", "minor", "patchlevel", "version"), topic="process", owner=Owner.PROCESS,
)
PROCESS_VIRTUAL_MEMORY = _process("process_virtual_memory_bytes", Kind.GAUGE, Unit.BYTES, "Virtual memory.")
PROCESS_RESIDENT_MEMORY = _process("process_resident_memory_bytes", Kind.GAUGE, Unit.BYTES, "Resident memory.")
PROCESS_START_TIME = _process("process_start_time_seconds", Kind.GAUGE, Unit.TIMESTAMP, "Start of the process.")
PROCESS_CPU = _process("process_cpu_seconds", Kind.COUNTER, Unit.SECONDS, "CPU time used.")
PROCESS_OPEN_FDS = _process("process_open_fds", Kind.GAUGE, Unit.COUNT, "Open file descriptors.")
PROCESS_MAX_FDS = _process("process_max_fds", Kind.GAUGE, Unit.COUNT, "Most file descriptors allowed.")


def _collect(values: list[object]) -> tuple[Metric, ...]:
    found: list[Metric] = []
    for value in values:
        found += [m for m in (value if isinstance(value, tuple) else (value,)) if isinstance(m, Metric)]
    return tuple(found)


ALL: tuple[Metric, ...] = (*_collect(list(globals().values())), *connectors.CONNECTORS)
BY_ID: dict[str, Metric] = {metric.id: metric for metric in ALL}
