"""What is said of a model's capacity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from vllm_observability.words.phrases import Phrase

Binds = Literal["kv", "seqs", "tokens", "compute"]


@dataclass(frozen=True)
class Estimate:
    """A number with its 90 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Limits:
    """What engines were started with; vLLM does not expose it. given: whether an operator said so, or it is a guess."""

    max_num_seqs: int
    max_num_batched_tokens: int
    given: bool


@dataclass(frozen=True)
class Change:
    """What a setting would do: the steady maximum per engine with it, and what binds then."""

    id: str
    title: Phrase
    steady: Estimate
    binds: Binds


@dataclass(frozen=True)
class Answer:
    """One model's capacity. Rates are per second; `steady` and `burst` are of all engines together.

    present: requests per second now; tokens: output tokens per second at the steady maximum. kv_sequences, batch:
    sequences that the KV cache holds, and that run at the maximum. rests_on: sentences.
    """

    model: str
    engines: int
    present: float
    steady: Estimate
    tokens: Estimate
    burst: Estimate
    binds: Binds
    used_ratio: float
    replicas: int
    for_load: float
    batch: float
    kv_sequences: float | None
    limits: Limits
    what_if: tuple[Change, ...]
    rests_on: tuple[Phrase, ...]


@dataclass(frozen=True)
class Refusal:
    """Why there is no answer for a model."""

    model: str
    engines: int
    reason: Phrase


@dataclass(frozen=True)
class Capacity:
    """Every model of a source."""

    name: str
    models: tuple[Answer | Refusal, ...]

    @property
    def answered(self) -> bool:
        """Whether there is an answer for one model at least."""
        return any(isinstance(model, Answer) for model in self.models)


Objectives = Mapping[str, tuple[float, float]]  # kind -> seconds, share of events within them
