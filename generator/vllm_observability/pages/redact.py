"""A page without names that say whose it is: the same name becomes the same word, on one page and across a pair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from vllm_observability.pages.scrape import Page, Sample

# What these labels hold is vLLM's own vocabulary or a number: nobody's secret, and the report reads it. A number in any
# other label can be a name too: an address, a build, a customer.
PUBLIC = frozenset(
    "le quantile engine finished_reason finish_reason reason method status generation source position sleep_state "
    "stage transfer_type operation outcome mode tier result version implementation major minor patchlevel pid "
    "block_size num_gpu_blocks num_cpu_blocks cache_dtype gpu_memory_utilization enable_prefix_caching max_lora "
    "num_gpu_blocks_override sliding_window swap_space is_attention_free max_model_len kv_cache_dtype "
    "kv_cache_size_tokens kv_cache_max_concurrency".split()
)
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


@dataclass
class Redaction:
    """Which word stands for which name; numbered in the order of appearance."""

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

        return replace(page, samples=[Sample(s.name, labels(s), s.value, s.timestamp) for s in page.samples])

    def labels(self, labels: Mapping[str, str]) -> dict[str, str]:
        """The labels of one series without names."""
        return {label: self._value(label, value) for label, value in labels.items()}

    def _value(self, label: str, value: str) -> str:
        if label in PUBLIC:
            return value
        if label in MODELS:
            return self.word("model", value)
        if label in ADAPTERS:
            return ",".join(self.word("adapter", name.strip()) for name in value.split(","))
        if label == "handler":
            return value if value in HANDLERS else self.word("path", value)
        return self.word(label.lower().replace("_", "-"), value)
