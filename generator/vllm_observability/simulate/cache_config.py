"""The labels of cache_config_info, release by release: vLLM writes every field of its cache configuration there.

Source: vLLM's `CacheConfig`, release by release, and the recorded pages in tests/data/pages.
"""

from __future__ import annotations

from vllm_observability.model import version_key
from vllm_observability.simulate.hardware import Hardware

# label | value of a plain server | first version | last version
_TABLE = """
_block_size_resolved                    | True    | 0.18.0 |
block_size                              | ?       | 0.4.2  |
cache_dtype                             | auto    | 0.4.2  |
cache_hit_alignment_tokens              | None    | 0.32.0 |
calculate_kv_scales                     | False   | 0.7.3  | 0.26.0
cpu_kvcache_space_bytes                 | None    | 0.8.5  | 0.18.0
cpu_offload_gb                          | 0.0     | 0.5.4  | 0.16.0
effective_attention_block_size          | ?       | 0.31.0 |
enable_mamba_fine_grained_prefix_cache  | False   | 0.30.0 | 0.30.0
enable_mamba_shared_prefix_checkpoint   | False   | 0.31.0 |
enable_prefix_caching                   | True    | 0.4.2  |
gpu_memory_utilization                  | ?       | 0.4.2  |
hash_block_size                         | None    | 0.20.0 | 0.24.0
hash_block_size                         | None    | 0.32.0 |
is_attention_free                       | False   | 0.6.3  |
kv_cache_dtype_skip_layers              | []      | 0.20.0 |
kv_cache_layout                         | None    | 0.30.0 |
kv_cache_max_concurrency                | ?       | 0.24.0 |
kv_cache_memory_bytes                   | None    | 0.10.2 |
kv_cache_size_tokens                    | ?       | 0.24.0 |
kv_offloading_backend                   | native  | 0.12.0 |
kv_offloading_size                      | None    | 0.12.0 |
kv_sharing_fast_prefill                 | False   | 0.10.2 |
mamba_block_size                        | None    | 0.12.0 |
mamba_cache_dtype                       | auto    | 0.10.2 |
mamba_cache_mode                        | none    | 0.15.0 |
mamba_page_size_padded                  | None    | 0.10.0 |
mamba_ssm_cache_dtype                   | auto    | 0.10.2 |
num_cpu_blocks                          | None    | 0.4.2  |
num_gpu_blocks                          | ?       | 0.4.2  |
num_gpu_blocks_override                 | None    | 0.4.2  |
prefix_cache_retention_interval         | 0       | 0.30.0 |
prefix_caching_hash_algo                | sha256  | 0.8.5  |
prefix_match_unit                       | None    | 0.26.0 |
replayssm_buffer_len                    | 16      | 0.28.0 |
simple_cpu_offload_num_blocks           | None    | 0.33.0 |
skip_page_size_padded                   | None    | 0.26.0 |
sliding_window                          | None    | 0.4.2  |
swa_bounded_replay                      | True    | 0.31.0 |
swap_space                              | 4.0     | 0.8.5  | 0.16.0
swap_space_bytes                        | 4294967296.0 | 0.4.2 | 0.11.0
use_kda_recoverssm                      | False   | 0.30.0 |
use_replayssm                           | False   | 0.28.0 |
user_specified_block_size               | False   | 0.18.0 |
user_specified_mamba_block_size         | False   | 0.20.0 | 0.31.0
"""
_ROWS = [[cell.strip() for cell in line.split("|")] for line in _TABLE.strip().splitlines()]


def cache_config(version: str, hardware: Hardware) -> dict[str, str]:
    """Labels and values for one engine, without the number of the engine."""
    at, tokens = version_key(version), hardware.blocks * hardware.block_size
    facts = {
        "block_size": str(hardware.block_size),
        "effective_attention_block_size": str(hardware.block_size),
        "gpu_memory_utilization": str(hardware.memory_share),
        "kv_cache_max_concurrency": str(round(tokens / hardware.max_model_len, 4)),
        "kv_cache_size_tokens": str(tokens),
        "num_gpu_blocks": str(hardware.blocks),
    }
    return {
        label: facts.get(label, value)
        for label, value, since, until in _ROWS
        if version_key(since) <= at and (not until or at < _next(until))
    }


def _next(version: str) -> tuple[int, ...]:
    """The first version that is no patch of this one: what 0.20.0 shows, 0.20.2 shows too."""
    major, minor, *_ = version_key(version)
    return (major, minor + 1)
