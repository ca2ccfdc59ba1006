"""Questions about what is optional in vLLM: speculation, adapters, moving and offloading KV blocks, sleep, FLOPs."""

from __future__ import annotations

from vllm_observability.catalog import metrics
from vllm_observability.catalog import metrics as m
from vllm_observability.catalog.board_questions import mean, rate, signal
from vllm_observability.catalog.connectors import TRANSFER_FAILURES
from vllm_observability.model import Growth, Level, Metric, Over, Part, PerSecond, Ratio, Raw, Signal, Unit

ACCEPTED_RATE = rate(
    "spec_decode_accepted_tokens_per_second", m.SPEC_ACCEPTED_TOKENS, Unit.TOKENS_PER_SECOND, "Accepted draft tokens per second",
    "Draft tokens per second that the model accepted.",
)
DRAFTED_RATE = rate(
    "spec_decode_draft_tokens_per_second", m.SPEC_DRAFT_TOKENS, Unit.TOKENS_PER_SECOND, "Draft tokens per second",
    "Draft tokens proposed per second.",
)
ACCEPTED_BY_POSITION = signal(
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
LORA = signal(
    "lora_adapters",
    Raw(
        # The value is a time: the newest row of a server says which adapters it runs now.
        "1000 * topk by ({target}) (1, max by ({target}, max_lora, running_lora_adapters, waiting_lora_adapters) ({lora_requests}))",
        (m.LORA_REQUESTS,),
    ),
    Unit.MILLISECONDS_SINCE_1970, "LoRA adapters", "Adapters of running and of waiting requests, and how many fit (--max-loras).",
)
SLEEP_STATE = signal(
    "engine_asleep",
    Raw(
        "max by ({engine}) ({offloaded}) + 2 * max by ({engine}) ({discarded})",  # of both there is a series
        overs=tuple(
            (name, Over("last_over_time", m.ENGINE_SLEEP_STATE, "5m", where=(("sleep_state", "=", state),)))
            for name, state in (("offloaded", "weights_offloaded"), ("discarded", "discard_all"))
        ),
    ),
    Unit.NONE, "Asleep",
    "Level 1 of sleep keeps the weights in CPU memory, level 2 discards them: waking up then loads them again.",
)


def _operations(what: str) -> Metric:
    return metrics.BY_ID[f"{what}_operation_duration_seconds"]


SLEEP_TIME = mean(
    "sleep_operation_seconds", _operations("sleep_mode"), Unit.SECONDS, "Sleep operation, mean",
    "How long an operation of sleep mode takes.",
)
WEIGHT_UPDATE_TIME = mean(
    "weight_update_operation_seconds", _operations("rl_weight_update"), Unit.SECONDS, "Weight update, mean",
    "How long an operation of updating weights takes, as in reinforcement learning.",
)
CACHED_BY_TIER = rate(
    "prompt_tokens_cached_per_second_by_tier", m.PROMPT_TOKENS_CACHED_BY_SOURCE, Unit.TOKENS_PER_SECOND,
    "Cached prompt tokens per second, by tier",
    "Where cached prompt tokens lay: GPU (device), CPU memory (host), disk, another engine (p2p), or elsewhere.",
)
FLOPS = rate(
    "flops_per_gpu", m.ESTIMATED_FLOPS, Unit.FLOPS, "FLOP/s per GPU",
    "vLLM's own estimate. Divided by what the GPU can do, it is the model FLOPs utilization (MFU).",
)
MEMORY_READ = rate(
    "memory_read_per_gpu", m.ESTIMATED_READ_BYTES, Unit.BYTES_PER_SECOND, "Memory reads per GPU", "vLLM's own estimate of bytes read.",
)
MEMORY_WRITE = rate(
    "memory_write_per_gpu", m.ESTIMATED_WRITE_BYTES, Unit.BYTES_PER_SECOND, "Memory writes per GPU", "vLLM's own estimate of bytes written.",
)
KV_FETCH = signal(
    "kv_fetch_requests", Level(m.KV_FETCH_REQUESTS, "sum"), Unit.REQUESTS, "Requests that wait for KV, by stage",
    "Requests whose KV blocks are being fetched from elsewhere.",
)


def _of(id: str) -> Metric:
    return metrics.BY_ID[id]


NIXL_TIME = mean(
    "nixl_transfer_seconds", _of("nixl_xfer_time_seconds"), Unit.SECONDS, "Transfer time, mean",
    "How long one KV transfer takes.",
)
NIXL_RATE = rate(
    "nixl_transfers_per_second", _of("nixl_xfer_time_seconds"), Unit.PER_SECOND, "Transfers per second", "KV transfers per second.",
    Part.COUNT,
)
NIXL_BYTES = rate(
    "nixl_bytes_per_second", _of("nixl_bytes_transferred"), Unit.BYTES_PER_SECOND, "Bytes per second", "KV bytes moved per second.",
    Part.SUM,
)
NIXL_EXPIRED = rate(
    "nixl_expired_per_second", _of("nixl_num_kv_expired_reqs"), Unit.PER_SECOND, "Expired requests per second",
    "Requests whose KV blocks expired before anybody fetched them: they are computed again.",
)
NIXL_POST = mean(
    "nixl_post_seconds", _of("nixl_post_time_seconds"), Unit.SECONDS, "Time to post a transfer, mean",
    "From the wish for a KV transfer until NIXL has taken it.",
)
NIXL_DESCRIPTORS = mean(
    "nixl_descriptors", _of("nixl_num_descriptors"), Unit.COUNT, "Descriptors per transfer, mean",
    "Pieces of memory that one KV transfer names. Many: blocks lie scattered, and posting takes longer.",
)
NIXL_LOST = rate(
    "nixl_failed_notifications_per_second", _of("nixl_num_failed_notifications"), Unit.PER_SECOND,
    "Failed notifications per second",
    "Notices of finished transfers: failed ones, and those that came when the request was no longer tracked.",
)
NIXL_LATE = rate(
    "nixl_late_notifications_per_second", _of("nixl_num_notifications_after_expiry"), Unit.PER_SECOND,
    "Notifications after expiry per second", "Notices that came when the request was no longer tracked.",
)
OFFLOAD_LOAD = rate(
    "kv_offload_load_bytes_per_second", _of("kv_offload_load_bytes"), Unit.BYTES_PER_SECOND, "Loaded per second",
    "KV bytes per second from CPU memory to the GPU.",
)
OFFLOAD_STORE = rate(
    "kv_offload_store_bytes_per_second", _of("kv_offload_store_bytes"), Unit.BYTES_PER_SECOND, "Stored per second",
    "KV bytes per second from the GPU to CPU memory.",
)
OFFLOAD_USAGE = signal(
    "kv_offload_cpu_usage", Level(_of("kv_offload_cpu_cache_usage"), "max"), Unit.RATIO, "CPU cache usage",
    "Share of the CPU's KV cache in use.",
)
OFFLOAD_FAILURES = rate(
    "kv_offload_allocation_failures_per_second", _of("kv_offload_allocation_failure"), Unit.PER_SECOND,
    "Failed allocations per second", "Stores that found no room in CPU memory.",
)


def _speed(way: str) -> Signal:
    moved, took = (PerSecond(Growth(_of(f"kv_offload_{way}_{what}"))) for what in ("bytes", "time"))
    return signal(
        f"kv_offload_{way}_speed", Ratio(moved, took), Unit.BYTES_PER_SECOND, f"Speed of {way}s",
        "Bytes per second of transfer time: what the way between GPU and CPU gives while it is used.",
    )


def _size(way: str) -> Signal:
    return mean(
        f"kv_offload_{way}_size", _of(f"kv_offload_{way}_size"), Unit.BYTES, f"Size of a {way}, mean",
        "Bytes of one transfer between GPU and CPU memory. Small ones cost more time for each byte.",
    )


def _lookup(kind: str) -> Signal:
    return mean(
        f"kv_offload_lookup_{kind}", _of(f"kv_offload_lookup_{kind}_delay_seconds"), Unit.SECONDS, f"Lookup, {kind}",
        "Asking what is offloaded. sync: for so long the scheduler stands; async: from a request's first deferred lookup "
        "to the answer.",
    )


def _pinned(way: str) -> Signal:
    return signal(
        f"kv_offload_cpu_{way}_usage", Level(_of(f"kv_offload_cpu_cache_{way}_usage"), "max"), Unit.RATIO,
        f"CPU cache pinned by {way}s",
        "Share of the CPU's KV cache that transfers under way hold. Near 1: stores find no room.",
    )


OFFLOAD_LOAD_SPEED, OFFLOAD_STORE_SPEED = _speed("load"), _speed("store")
OFFLOAD_LOAD_SIZE, OFFLOAD_STORE_SIZE = _size("load"), _size("store")
OFFLOAD_LOOKUP_SYNC, OFFLOAD_LOOKUP_ASYNC = _lookup("sync"), _lookup("async")
OFFLOAD_READ_USAGE, OFFLOAD_WRITE_USAGE = _pinned("read"), _pinned("write")
OFFLOAD_SKIPPED = rate(
    "kv_offload_stores_skipped_per_second", _of("kv_offload_stores_skipped"), Unit.PER_SECOND,
    "Skipped stores per second", "Stores left out because the block was not reused often enough (store_threshold).",
)
SIMPLE_OUTCOMES = rate(
    "simple_kv_offload_outcomes_per_second", _of("simple_kv_offload_save_outcomes"), Unit.PER_SECOND,
    "Blocks offered for offload per second, by outcome", "What became of KV blocks that were offered for offloading.",
)
SIMPLE_LOADED = rate(
    "simple_kv_offload_loaded_per_second", _of("simple_kv_offload_load_blocks"), Unit.PER_SECOND,
    "Blocks restored per second", "KV blocks per second that came back to the GPU.",
)
SIMPLE_USED = signal(
    "simple_kv_offload_used", Level(_of("simple_kv_offload_used_blocks"), "sum"), Unit.BLOCKS, "Blocks in use",
    "Offloaded KV blocks that transfers or hits hold, and those of stores not yet done. Steady growth: a stuck transfer.",
)
SIMPLE_PENDING = signal(
    "simple_kv_offload_pending", Level(_of("simple_kv_offload_pending_store_blocks"), "sum"), Unit.BLOCKS,
    "Blocks in pending stores", "KV blocks of stores that are not done.",
)
TRANSFER_FAILURES_RATE = signal(
    "kv_transfer_failures_by_kind",
    Raw(
        "sum by ({model}, of) (\n  "
        + "\n  or\n  ".join(f'label_replace({{{x.id}}}, "of", "{x.id}", "", "")' for x in TRANSFER_FAILURES)
        + "\n)",
        overs=tuple((x.id, Over("rate", x, "{rate_window}")) for x in TRANSFER_FAILURES),
    ),
    Unit.PER_SECOND, "Failed KV transfers per second, by kind", "Failures of moving KV blocks, over every connector.",
    nothing="no KV connector counts failures",
)


ALL: tuple[Signal, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Signal))
