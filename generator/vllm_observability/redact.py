"""A page without names that say whose it is: the same name becomes the same word, on one page and across a pair."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from vllm_observability.scrape import Page, Sample

# What these labels hold is vLLM's own vocabulary or a number: nobody's secret, and the report reads it.
PUBLIC = frozenset(
    "le quantile engine finished_reason reason method status generation source position sleep_state stage "
    "transfer_type operation outcome mode tier result version implementation major minor patchlevel pid block_size "
    "num_gpu_blocks num_cpu_blocks cache_dtype gpu_memory_utilization enable_prefix_caching max_lora "
    "num_gpu_blocks_override sliding_window swap_space is_attention_free max_model_len kv_cache_dtype".split()
)
MODELS = ("model_name", "model")
ADAPTERS = ("running_lora_adapters", "waiting_lora_adapters", "lora_name")
# Paths that vLLM's API server has itself; any other is the site's.
HANDLERS = re.compile(r"/(?:v\d+/)?(?:chat/|audio/)?[a-z_]+(?:/\{[a-z_]+\})?|none")
_PLAIN = re.compile(r"-?[\d.]+(?:e[+-]?\d+)?|True|False|None|auto|-?")


@dataclass
class Redaction:
    """Which word stands for which name; numbered in the order of appearance."""

    words: dict[tuple[str, str], str] = field(default_factory=dict)

    def word(self, kind: str, name: str) -> str:
        """`model-1` for the first model, and ever after for the same one."""
        if not name:
            return name
        count = sum(1 for known, _ in self.words if known == kind)
        return self.words.setdefault((kind, name), f"{kind}-{count + 1}")

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
        if label in PUBLIC or _PLAIN.fullmatch(value):
            return value
        if label in MODELS:
            return self.word("model", value)
        if label in ADAPTERS:
            return ",".join(self.word("adapter", name.strip()) for name in value.split(","))
        if label == "handler":
            return value if HANDLERS.fullmatch(value) else self.word("path", value)
        return self.word(label.lower().replace("_", "-"), value)
