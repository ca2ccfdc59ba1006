"""Metrics of KV connectors and offloading: known by name, kind and meaning; few sites have them.

One line a metric: name | kind | unit | first version | labels besides model_name and engine | meaning.
"""

from __future__ import annotations

from vllm_observability.model import Kind, Metric, Name, Unit

# By what must be configured before the family shows up.
_TABLE = {
    "NixlConnector": """
        vllm:nixl_xfer_time_seconds | histogram | s | 0.12.0 | - | Duration of a NIXL KV transfer.
        vllm:nixl_post_time_seconds | histogram | s | 0.12.0 | - | Time to post a NIXL KV transfer.
        vllm:nixl_bytes_transferred | histogram | bytes | 0.12.0 | - | Bytes per NIXL KV transfer.
        vllm:nixl_num_descriptors | histogram | count | 0.12.0 | - | Descriptors per NIXL KV transfer.
        vllm:nixl_num_failed_transfers_total | counter | count | 0.12.0 | - | Failed NIXL KV transfers.
        vllm:nixl_num_failed_notifications_total | counter | count | 0.12.0 | - | Failed NIXL notifications.
        vllm:nixl_num_kv_expired_reqs_total | counter | requests | 0.15.0 | - | Requests whose KV lease expired before it was fetched (counted on the prefill instance).
        vllm:nixl_num_notifications_after_expiry_total | counter | count | 0.32.0 | - | Completion notifications that came for requests no longer tracked (usually after expiry).
    """,
    "MooncakeConnector": """
        vllm:mooncake_xfer_time_seconds | histogram | s | 0.33.0 | - | Duration of a Mooncake KV transfer.
        vllm:mooncake_bytes_transferred | histogram | bytes | 0.33.0 | - | Bytes per Mooncake KV transfer.
        vllm:mooncake_num_descriptors | histogram | count | 0.33.0 | - | Descriptors per Mooncake KV transfer.
        vllm:mooncake_num_failed_transfers_total | counter | count | 0.33.0 | - | Failed Mooncake KV transfers.
        vllm:mooncake_num_failed_recvs_total | counter | count | 0.33.0 | - | Failed Mooncake KV receives.
        vllm:mooncake_num_kv_expired_reqs_total | counter | requests | 0.33.0 | - | Requests whose KV expired (prefill instance).
    """,
    "MooncakeStoreConnector": """
        vllm:mooncake_store_operation_time_seconds | histogram | s | 0.22.0 | operation,status | Duration of Mooncake store calls.
        vllm:mooncake_store_operation_total | counter | count | 0.22.0 | operation,status | Mooncake store calls.
        vllm:mooncake_store_operation_keys_total | counter | count | 0.22.0 | operation,status | Keys touched by Mooncake store calls.
        vllm:mooncake_store_operation_bytes_total | counter | bytes | 0.22.0 | operation,status | Bytes moved by Mooncake store calls.
        vllm:mooncake_store_operation_failed_keys_total | counter | count | 0.22.0 | operation,status | Keys that failed in Mooncake store calls.
    """,
    "HF3FSKVConnector": """
        vllm:hf3fs_save_duration_seconds | histogram | s | 0.20.0 | - | Time to save KV to 3FS.
        vllm:hf3fs_load_duration_seconds | histogram | s | 0.20.0 | - | Time to load KV from 3FS.
        vllm:hf3fs_num_failed_save_total | counter | count | 0.20.0 | - | Failed KV saves to 3FS.
        vllm:hf3fs_num_failed_load_total | counter | count | 0.20.0 | - | Failed KV loads from 3FS.
    """,
    "UMBPStoreConnector": """
        vllm:umbp_transfer_submitted_total | counter | count | 0.33.0 | operation | Objects submitted to UMBP.
        vllm:umbp_transfer_completed_total | counter | count | 0.33.0 | operation | Objects completed by UMBP.
        vllm:umbp_transfer_failed_total | counter | count | 0.33.0 | operation | Objects that failed in UMBP.
        vllm:umbp_transfer_bytes_total | counter | bytes | 0.33.0 | operation | Bytes in completed UMBP transfers.
    """,
    "HiSparseConnector": """
        vllm:hisparse_cache_hits_total | counter | count | 0.30.0 | - | Device hot-buffer hits.
        vllm:hisparse_cache_misses_total | counter | count | 0.30.0 | - | Device hot-buffer misses.
        vllm:hisparse_host_to_device_bytes_total | counter | bytes | 0.30.0 | - | Bytes copied from host KV storage to the device hot buffer.
        vllm:hisparse_host_cache_usage_perc | gauge | ratio | 0.32.0 | - | Share of the host KV pool in use (fraction 0..1; evictable blocks count as free).
        vllm:hisparse_pending_page_transfers | gauge | count | 0.32.0 | - | Page transfers not yet complete.
    """,
    "HiSparseConnector and --kv-cache-metrics": """
        vllm:hisparse_host_block_lifetime_seconds | histogram | s | 0.32.0 | - | Host-pool KV block lifetime time.
        vllm:hisparse_host_block_idle_before_evict_seconds | histogram | s | 0.32.0 | - | Host-pool KV block idle before evict time.
        vllm:hisparse_host_block_reuse_gap_seconds | histogram | s | 0.32.0 | - | Host-pool KV block reuse gap time.
    """,
    "SimpleCPUOffloadConnector": """
        vllm:simple_kv_offload_save_outcomes_total | counter | blocks | 0.31.0 | outcome | Store admission decisions by outcome (eager mode only).
        vllm:simple_kv_offload_load_blocks_total | counter | blocks | 0.31.0 | - | KV blocks restored to the GPU.
        vllm:simple_kv_offload_used_blocks | gauge | blocks | 0.31.0 | - | Offload blocks pinned by transfers or hits (not total occupancy).
        vllm:simple_kv_offload_pending_store_blocks | gauge | blocks | 0.31.0 | - | Offload blocks in stores not yet done; steady growth means a stuck transfer.
        vllm:simple_kv_offload_info | info |  | 0.31.0 | backend,page_cache,lazy_offload,capacity_blocks | Configuration facts of the connector.
    """,
    "OffloadingConnector (--kv-offloading-size)": """
        vllm:kv_offload_total_bytes_total | counter | bytes | 0.16.0 | transfer_type | Bytes moved by KV offloading.
        vllm:kv_offload_total_time_total | counter | s | 0.16.0 | transfer_type | Seconds spent in KV offload transfers.
        vllm:kv_offload_size | histogram | bytes | 0.16.0 | transfer_type | Size of KV offload transfers.
        vllm:kv_offload_load_bytes_total | counter | bytes | 0.24.0 | - | Bytes moved from offload storage to GPU.
        vllm:kv_offload_load_time_total | counter | s | 0.24.0 | - | Seconds spent moving KV from offload storage to GPU.
        vllm:kv_offload_load_size | histogram | bytes | 0.24.0 | - | Size of each transfer from offload storage to GPU.
        vllm:kv_offload_store_bytes_total | counter | bytes | 0.24.0 | - | Bytes moved from GPU to offload storage.
        vllm:kv_offload_store_time_total | counter | s | 0.24.0 | - | Seconds spent moving KV from GPU to offload storage.
        vllm:kv_offload_store_size | histogram | bytes | 0.24.0 | - | Size of each transfer from GPU to offload storage.
        vllm:kv_offload_lookup_sync_delay_seconds | histogram | s | 0.26.0 | - | Blocking time of one offload lookup.
        vllm:kv_offload_lookup_async_delay_seconds | histogram | s | 0.26.0 | - | Time from the first deferred lookup of a request to its resolution.
        vllm:kv_offload_allocation_failure_total | counter | count | 0.26.0 | - | Store allocations that failed.
        vllm:kv_offload_config_info | info |  | 0.33.0 | - | Static configuration of the offload managers.
    """,
    "OffloadingConnector with CPUOffloadingSpec": """
        vllm:kv_offload_cpu_cache_usage_perc | gauge | ratio | 0.24.0 | - | Share of CPU KV space pinned by transfers in flight (0..1) - not how full the cache is.
        vllm:kv_offload_cpu_cache_write_usage_perc | gauge | ratio | 0.26.0 | - | Share of CPU KV space pinned by stores in flight.
        vllm:kv_offload_cpu_cache_read_usage_perc | gauge | ratio | 0.26.0 | - | Share of CPU KV space pinned by loads in flight.
        vllm:kv_offload_cpu_allocation_size | histogram | count | 0.26.0 | - | CPU chunks asked for by each store preparation.
    """,
    "OffloadingConnector with store_threshold >= 2": """
        vllm:kv_offload_stores_skipped_total | counter | count | 0.24.0 | - | Stores skipped because the reuse threshold was not met.
    """,
    "OffloadingConnector with TieringOffloadingSpec": """
        vllm:kv_offload_tiering_lookup_sync_delay_seconds | histogram | s | 0.26.0 | tier | Blocking time of a tier lookup.
        vllm:kv_offload_tiering_lookup_async_delay_seconds | histogram | s | 0.26.0 | tier | Time from first retry of a tier lookup to its resolution.
        vllm:kv_offload_tiering_read_bytes_total | counter | bytes | 0.28.0 | tier | Bytes read from secondary tiers into the primary tier.
        vllm:kv_offload_tiering_read_time_total | counter | s | 0.28.0 | tier | Seconds spent reading from secondary tiers (tiers that do not report have no series).
        vllm:kv_offload_tiering_write_bytes_total | counter | bytes | 0.28.0 | tier | Bytes written from the primary tier to secondary tiers.
        vllm:kv_offload_tiering_write_time_total | counter | s | 0.28.0 | tier | Seconds spent writing to secondary tiers.
        vllm:kv_offload_tiering_promotion_job_failures_total | counter | count | 0.28.0 | tier | Failed promotions from a secondary tier.
        vllm:kv_offload_tiering_cascade_job_failures_total | counter | count | 0.28.0 | tier | Failed cascades to a secondary tier.
        vllm:kv_offload_tiering_chunk_queries_total | counter | count | 0.28.0 | tier | Chunk lookups sent to a tier.
        vllm:kv_offload_tiering_chunk_hits_total | counter | count | 0.28.0 | tier | Chunk lookups that hit in a tier.
        vllm:kv_offload_tiering_promotion_allocation_failures_total | counter | count | 0.28.0 | - | Promotions that failed because the primary tier had no room.
        vllm:kv_offload_tiering_primary_write_usage_perc | gauge | ratio | 0.28.0 | tier | Share of the primary tier used by writes coming from a secondary tier.
        vllm:kv_offload_tiering_primary_read_usage_perc | gauge | ratio | 0.28.0 | tier | Share of the primary tier used by reads going to a secondary tier.
        vllm:kv_offload_tiering_active_promotion_jobs | gauge | count | 0.28.0 | tier | Promotions in progress.
        vllm:kv_offload_tiering_active_cascade_jobs | gauge | count | 0.28.0 | tier | Cascades in progress.
        vllm:kv_offload_tiering_backpressure_store_latency_ema | gauge | count | 0.31.0 | tier | Moving average of store latency used for back-pressure.
        vllm:kv_offload_tiering_backpressure_stores_dropped_total | counter | count | 0.31.0 | tier | Stores dropped by back-pressure.
        vllm:kv_offload_tiering_backpressure_blocks_dropped_total | counter | blocks | 0.31.0 | tier | Blocks dropped by back-pressure.
        vllm:kv_offload_tiering_promotion_latency_seconds | histogram | s | 0.33.0 | tier,result | Latency of promotion jobs, failures included.
    """,
}


def _row(condition: str, line: str) -> Metric:
    name, kind, unit, since, labels, meaning = (cell.strip() for cell in line.split("|"))
    extra = () if labels == "-" else tuple(labels.split(","))
    return Metric(
        id=name.removeprefix("vllm:").removesuffix("_total").removesuffix("_info").replace("_perc", ""),
        kind=Kind(kind),
        unit=Unit(unit),
        meaning=meaning,
        names=(Name(name, since, engine="V1"),),
        labels=("model_name", "engine", *extra),
        split=extra,
        condition=condition,
        topic="connectors",
    )


CONNECTORS: tuple[Metric, ...] = tuple(
    _row(condition, line) for condition, table in _TABLE.items() for line in table.strip().splitlines()
)
BY_NAME: dict[str, Metric] = {metric.names[0].text: metric for metric in CONNECTORS}
# Failures of moving KV blocks, of every connector. NIXL's failed notifications are left out: from 0.31.0 they are part
# of its failed transfers.
TRANSFER_FAILURES: tuple[Metric, ...] = tuple(
    BY_NAME[name]
    for name in (
        "vllm:nixl_num_failed_transfers_total",
        "vllm:nixl_num_kv_expired_reqs_total",
        "vllm:mooncake_num_failed_transfers_total",
        "vllm:mooncake_num_failed_recvs_total",
        "vllm:mooncake_num_kv_expired_reqs_total",
        "vllm:mooncake_store_operation_failed_keys_total",
        "vllm:hf3fs_num_failed_save_total",
        "vllm:hf3fs_num_failed_load_total",
        "vllm:umbp_transfer_failed_total",
        "vllm:kv_offload_allocation_failure_total",
        "vllm:kv_offload_tiering_promotion_job_failures_total",
        "vllm:kv_offload_tiering_cascade_job_failures_total",
    )
)
