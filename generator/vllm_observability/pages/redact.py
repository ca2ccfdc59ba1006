"""A page without names that say whose it is: the same name becomes the same word, on one page and across a pair."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from vllm_observability.catalog.metrics import ALL
from vllm_observability.pages.scrape import Page, Sample
from vllm_observability.pages.snapshot import VLLM, find_prefix, lookup

# What a label may hold to stay as it is: a number of sensible length, or a word that vLLM has itself. Any other value,
# also of these labels, may name somebody: whoever writes a page can write anything into any of them.
_COUNT = r"[0-9]{1,9}"
_DECIMAL = r"[0-9]{1,9}(?:\.[0-9]{1,12})?(?:[eE][+-]?[0-9]{1,3})?"
_BOUND = r"-?[0-9]{1,15}(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,3})?|\+?Inf|NaN"
_FINISHED = "stop length abort error repetition tool_calls"
_STATUS = r"[1-5](?:xx|[0-9][0-9])|ok|error|partial_failure|watermarked|skipped|not_watermarked"
_SHAPES = {
    **dict.fromkeys(("le", "quantile"), _BOUND),
    **dict.fromkeys(("engine", "position", "generation", "pid", "major", "minor", "patchlevel", "max_lora"), _COUNT),
    **dict.fromkeys(
        "block_size num_gpu_blocks num_cpu_blocks gpu_memory_utilization num_gpu_blocks_override sliding_window "
        "swap_space max_model_len kv_cache_size_tokens kv_cache_max_concurrency".split(),
        rf"{_DECIMAL}|None",
    ),
    **dict.fromkeys(("enable_prefix_caching", "is_attention_free"), "True|False|None"),
    **dict.fromkeys(("cache_dtype", "kv_cache_dtype"), r"auto|b?float(?:16|32)|half|fp8(?:_e4m3|_e5m2|_inc|_ds_mla)?"),
    **dict.fromkeys(("finished_reason", "finish_reason"), _FINISHED.replace(" ", "|")),
    "reason": "capacity|deferred|max_num_queued_reqs|max_num_queued_tokens",
    "method": "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT",
    "status": _STATUS,
    "source": "local_compute|local_cache_hit|external_kv_transfer|device|host|p2p|disk|external_unspecified",
    "sleep_state": "awake|weights_offloaded|discard_all",
    "stage": "waiting_to_start|in_progress|completed_waiting|fetching",
    "transfer_type": "GPU_to_CPU|CPU_to_GPU",
    "operation": "save_exists|save_put|load_get|lookup_exists|load|store|sleep|release_kv_cache_memory|wake|init"
    "|shutdown|start|start_draft|update|finish",
    "outcome": "stored|dropped_cpu_full|dropped_request_gone|dropped_null_block|dropped_not_hashed"
    "|skipped_already_cached|skipped_in_flight|tool_call|no_tool_call",
    "mode": "streaming|non_streaming",
    "tier": _COUNT,
    "result": "success|failure",
    "version": r"[0-9]\.[0-9]{1,2}\.[0-9]{1,2}(?:(?:a|b|rc)[0-9]{1,2})?\+?",
    "implementation": "CPython|PyPy|GraalVM",
}
_PUBLIC = {label: re.compile(shape, re.ASCII) for label, shape in _SHAPES.items()}
MODELS = ("model_name", "model")
ADAPTERS = ("running_lora_adapters", "waiting_lora_adapters", "lora_name")
# Paths that vLLM's API server has itself, `none` for those it has not; any other is the site's.
HANDLERS = frozenset(
    "none / /health /ping /load /version /metrics /docs /openapi.json /server_info /tokenize /detokenize "
    "/tokenizer_info /v1/models /v1/chat/completions /v1/chat/completions/batch /v1/chat/completions/render "
    "/v1/completions /v1/completions/render /v1/responses /v1/responses/{response_id} "
    "/v1/responses/{response_id}/cancel /v1/messages /v1/messages/count_tokens /v1/embeddings /v2/embed "
    "/v1/audio/transcriptions /v1/audio/translations /v1/realtime /pooling /classify /score /v1/score /rerank "
    "/v1/rerank /v2/rerank /generative_scoring /invocations /inference/v1/generate /v1/load_lora_adapter "
    "/v1/unload_lora_adapter /sleep /wake_up /is_sleeping /pause /resume /is_paused /reset_prefix_cache "
    "/reset_mm_cache /reset_encoder_cache /collective_rpc /start_profile /stop_profile /scale_elastic_ep "
    "/is_scaling_elastic_ep /init_weight_transfer_engine /update_weights /get_world_size".split()
)


# Labels that tell nobody: vLLM's, those of its cache configuration, and those that every Prometheus puts on a target.
_CONFIG = (
    "_block_size_resolved cache_hit_alignment_tokens calculate_kv_scales cpu_kvcache_space_bytes cpu_offload_gb "
    "effective_attention_block_size enable_mamba_shared_prefix_checkpoint hash_block_size kv_cache_dtype_skip_layers "
    "kv_cache_layout kv_cache_memory_bytes kv_offloading_backend kv_offloading_size kv_sharing_fast_prefill "
    "mamba_block_size mamba_cache_dtype mamba_cache_mode mamba_page_size_padded mamba_ssm_cache_dtype "
    "prefix_cache_retention_interval prefix_caching_hash_algo prefix_match_unit replayssm_buffer_len "
    "skip_page_size_padded swa_bounded_replay swap_space_bytes use_kda_recoverssm use_replayssm "
    "user_specified_block_size user_specified_mamba_block_size"
)
_TARGET = "cluster container endpoint instance job namespace node pod replica service"
LABELS = frozenset(
    (*_SHAPES, *MODELS, *ADAPTERS, "handler", *f"{_CONFIG} {_TARGET}".split(), *(n for m in ALL for n in m.labels))
)

# Families as they are declared and as they are dated: without the ending of their samples.
_FAMILIES = frozenset(
    text for metric in ALL for name in metric.names for text in (name.text, name.text.removesuffix("_total"))
)


def _has(name: str, prefix: str) -> bool:
    """Whether a name is vLLM's own, a family's or a sample's, or that of a library that it uses."""
    if lookup(name, prefix):
        return True
    own = VLLM + name.removeprefix(prefix) if name.startswith(prefix) else name
    return own.removesuffix("_created") in _FAMILIES


@dataclass
class Redaction:
    """Which word stands for which name; numbered in the order of appearance.

    `own`: prefixes of a site's settings. `kept`: labels that keep their names beside those that everybody has, because
    figures are told apart by them.
    """

    own: tuple[str, ...] = ()
    kept: frozenset[str] = frozenset()
    words: dict[tuple[str, str], str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def word(self, kind: str, name: str) -> str:
        """`model-1` for the first model, and ever after for the same one."""
        if name and (kind, name) not in self.words:
            self.counts[kind] += 1
            self.words[kind, name] = f"{kind}-{self.counts[kind]}"
        return self.words[kind, name] if name else name

    def page(self, page: Page) -> Page:
        """The page with every name replaced."""
        known: dict[int, Mapping[str, str]] = {}

        def labels(sample: Sample) -> Mapping[str, str]:
            key = id(sample.labels)  # equal labels may be one shared mapping
            if key not in known:
                known[key] = self.labels(sample.labels)
            return known[key]

        prefix = find_prefix([sample.name for sample in page.samples] or page.types, self.own)
        return replace(
            page,
            samples=[Sample(self.metric(s.name, prefix), labels(s), s.value, s.timestamp) for s in page.samples],
            types={self.metric(name, prefix): kind for name, kind in page.types.items()},
            faults=tuple(replace(fault, text="…") for fault in page.faults),
        )

    def metric(self, name: str, prefix: str = VLLM) -> str:
        """A metric's name, if vLLM or a client library has it; else a word, under vLLM's prefix if it was there."""
        key = ("metric name", name)
        if key not in self.words:
            self.words[key] = name if _has(name, prefix) else self._metric(name, prefix)
        return self.words[key]

    def _metric(self, name: str, prefix: str) -> str:
        word = self.word("metric", name).replace("-", "_")
        return f"{prefix if name.startswith(prefix) else ''}{word}"

    def labels(self, labels: Mapping[str, str]) -> dict[str, str]:
        """The labels of one series without names."""
        return {(name := self.label(label)): self._value(name, value) for label, value in labels.items()}

    def label(self, name: str) -> str:
        """A label's name, if vLLM or Prometheus has it or the settings name it; else a word."""
        return name if name in LABELS or name in self.kept else self.word("label", name).replace("-", "_")

    def _value(self, label: str, value: str) -> str:
        if not value or (label in _PUBLIC and _PUBLIC[label].fullmatch(value)):
            return value
        if label in MODELS:
            return self.word("model", value)
        if label in ADAPTERS:
            return ",".join(self.word("adapter", name.strip()) for name in value.split(","))
        if label == "handler":
            return value if value in HANDLERS else self.word("path", value)
        return self.word(label.lower().replace("_", "-"), value)
