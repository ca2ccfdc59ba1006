"""Prompt tokens that engines computed, whatever a step's tokens count in their version."""

from __future__ import annotations

from collections.abc import Sequence

from vllm_observability.intervals.records import Engine, Interval, total
from vllm_observability.model import version_key

WITHOUT_CACHED = (0, 24)  # from this version on a step's tokens leave out those found in the prefix cache


def counts_cached(engines: Sequence[Engine]) -> bool:
    """Whether a step's tokens hold cached prompt tokens too: by version, and where names leave it open, by the sums."""
    oldest = [version_key(engine.versions[0]) for engine in engines if engine.versions[0]]
    newest = [version_key(engine.versions[1]) for engine in engines if engine.versions[1]]
    if oldest and min(oldest) >= WITHOUT_CACHED:
        return False
    if len(newest) == len(engines) and newest and max(newest) < WITHOUT_CACHED:
        return True
    intervals = [one for engine in engines for one in engine.intervals]
    if not intervals:
        return False
    grown = total(intervals)
    stepped, asked, hits = grown.get("step_tokens") - grown.decoded, grown.get("prompts"), grown.get("hits")
    return hits > 0 and abs(stepped - asked) < abs(stepped - (asked - hits))


def prefilled(one: Interval, cached: bool) -> float:
    """Prompt tokens computed in an interval; `cached`: whether its steps count those found in the cache."""
    tokens = one.get("step_tokens") - one.decoded
    return max(tokens - one.get("hits"), 0.0) if cached else max(tokens, 0.0)
