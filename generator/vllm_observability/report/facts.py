"""Facts that stand in labels and names: cache configuration, versions, the model's size."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals as s
from vllm_observability.model import Owner, Signal, metrics, version_key
from vllm_observability.pages.snapshot import Labels, Snapshot
from vllm_observability.report.records import Model


@dataclass(frozen=True)
class CacheConfig:
    """The cache configuration of one engine, by its rank and what is kept apart; numbers that make no sense are None.

    `exact`: the capacity is vLLM's own figure (0.24.0+), not blocks times block size, which is wrong for hybrid models
    and a lower bound under context parallelism.
    """

    group: Labels
    blocks: float | None
    block_size: float | None
    capacity_tokens: float | None
    exact: bool
    max_model_len: float | None
    full_length_requests: float | None
    gpu_memory_share: float | None
    prefix_caching: bool | None
    dtype: str | None


def cache_configs(snapshot: Snapshot) -> tuple[CacheConfig, ...]:
    """One per engine, in the order of the page."""
    return tuple(_config(labels, snapshot.apart) for labels in _told(snapshot, s.CACHE_FACTS))


def _told(snapshot: Snapshot, signal: Signal) -> Iterator[Labels]:
    """Labels of every series that a signal reads, for what stands in labels."""
    for metric in metrics(signal.expr):
        yield from snapshot.of(metric)


def _config(pairs: Labels, apart: Sequence[str]) -> CacheConfig:
    labels = dict(pairs)
    blocks, size = _number(labels.get("num_gpu_blocks")), _number(labels.get("block_size"))
    tokens, full = _number(labels.get("kv_cache_size_tokens")), _number(labels.get("kv_cache_max_concurrency"))
    share = _number(labels.get("gpu_memory_utilization"))
    return CacheConfig(
        group=tuple(pair for pair in pairs if pair[0] == "engine" or pair[0] in apart),
        blocks=blocks,
        block_size=size,
        capacity_tokens=tokens if tokens else (blocks * size if blocks and size else None),
        exact=bool(tokens),
        max_model_len=round(tokens / full) if tokens and full else None,
        full_length_requests=full,
        gpu_memory_share=share if share is not None and share <= 1 else None,
        prefix_caching={"True": True, "False": False}.get(labels.get("enable_prefix_caching", "")),
        dtype=None if labels.get("cache_dtype") in (None, "", "None", "auto") else labels["cache_dtype"],
    )


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and 0 < number < 1e15 else None


# ------------------------------------------------------------------------------------------- versions


# Label evidence: values of finished_reason and labels of the cache configuration, with the first version that has them.
_REASONS = {"error": "0.13.0", "repetition": "0.18.0"}
_CONFIG_LABELS = {
    "cpu_offload_gb": ("0.5.4", "0.16.0"),
    "swap_space_bytes": (None, "0.11.0"),
    "kv_offloading_backend": ("0.12.0", None),
    "mamba_cache_mode": ("0.15.0", None),
    "kv_cache_size_tokens": ("0.24.0", None),
    "kv_cache_layout": ("0.30.0", None),
    "effective_attention_block_size": ("0.31.0", None),
    "cache_hit_alignment_tokens": ("0.32.0", None),
    "simple_cpu_offload_num_blocks": ("0.33.0", None),
}


def version_range(snapshot: Snapshot) -> tuple[str | None, str | None]:
    """First and last examined release whose names and labels the page shows; no upper end where they contradict."""
    lows, highs = [], []
    for id, names in snapshot.used.items():
        if m.BY_ID[id].owner is not Owner.ENGINE:
            continue
        lows += [name.since for name in names]
        highs += [end for name in names if (end := name.hidden_until or name.until)]
    for labels in _told(snapshot, s.REQUESTS_FINISHED):
        lows += [_REASONS[value] for key, value in labels if key == "finished_reason" and value in _REASONS]
    for labels in _told(snapshot, s.CACHE_FACTS):
        for key, _ in labels:
            low, high = _CONFIG_LABELS.get(key, (None, None))
            lows += [low] if low else []
            highs += [high] if high else []
    low, high = max(lows, key=version_key, default=None), min(highs, key=version_key, default=None)
    if low and high and version_key(low) > version_key(high):
        return low, None
    return low, high


# ---------------------------------------------------------------------------------------------- models

_SIZE = re.compile(r"(?<![A-Za-z0-9.])(\d+x)?(\d+(?:\.\d+)?)([bBmM])(?![A-Za-z0-9])(?:-?[aA](\d+(?:\.\d+)?)[bB])?")
_QUANTISED = re.compile(
    r"(?<![A-Za-z0-9])(NVFP4|MXFP4|FP8|FP4|INT8|INT4|AWQ|GPTQ|GGUF|W\d+A\d+|Q\d_K(?:_[SML])?|Q\d_\d|bnb-4bit|4bit|8bit|"
    r"BF16|FP16)(?![A-Za-z0-9])",
    re.IGNORECASE,
)


def models(names: Iterable[str], dtype: str | None) -> tuple[Model, ...]:
    """Size and quantisation of each model, as its name says."""
    out = []
    for name in names:
        size, quantised = _SIZE.search(name[:200]), _QUANTISED.search(name[:200])
        text = None
        if size:
            text = f"{size[1] or ''}{size[2]}{size[3].upper()}" + (f" ({size[4]}B active)" if size[4] else "")
        out.append(Model(name, text, quantised[1] if quantised else (f"KV cache {dtype}" if dtype else None)))
    return tuple(out)


def python_version(snapshot: Snapshot) -> str | None:
    """As `CPython 3.12.3`."""
    for labels in _told(snapshot, s.PYTHON_FACTS):
        held = dict(labels)
        return f"{held.get('implementation', 'Python')} {held.get('version', '')}".strip()
    return None
