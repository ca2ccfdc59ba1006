"""What the simulator knows of a fleet's time and `review` can only estimate: who was busy, what was thrown away."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from vllm_observability.simulate import server as servers
from vllm_observability.simulate.engine import Engine
from vllm_observability.simulate.fleet import Fleet
from vllm_observability.simulate.hardware import Hardware
from vllm_observability.simulate.story import Story
from vllm_observability.simulate.traffic import Request
from vllm_observability.simulate.truth import Seen


@dataclass
class Known:
    """Seconds of engines, by what they went to; stays: when each request came to and left an instance."""

    stays: dict[str, tuple[array[float], array[float]]] = field(default_factory=dict)
    recomputed: float = 0.0
    spared: float = 0.0
    prefill: float = 0.0
    prefill_lost: float = 0.0
    outputs: float = 0.0
    outputs_lost: float = 0.0
    per_token: float = 0.0

    def see(self, seen: Seen) -> None:
        """A request that left."""
        if seen.left < 0:
            return
        came, left = self.stays.setdefault(seen.instance, (array("d"), array("d")))
        came.append(seen.arrival)
        left.append(seen.left)
        self.outputs += seen.output
        self.prefill += seen.computed * self.per_token
        if seen.reason in ("abort", "error"):
            self.outputs_lost += seen.output
            self.prefill_lost += seen.computed * self.per_token

    def busy(self) -> float:
        """Seconds in which an engine had at least one request."""
        total = 0.0
        for came, left in self.stays.values():
            end = 0.0
            for a, b in sorted(zip(came, left, strict=True)):
                total += max(0.0, b - max(a, end))
                end = max(end, b)
        return total

    def shares(self, whole: float) -> dict[str, float]:
        """Of so many seconds of engines."""
        busy = self.busy()
        decode = max(0.0, busy - self.prefill - self.recomputed)
        aborted = self.prefill_lost + (decode * self.outputs_lost / self.outputs if self.outputs else 0.0)
        parts = {"busy": busy, "recomputed": self.recomputed, "aborted": aborted, "spared": self.spared}
        return {name: seconds / whole for name, seconds in parts.items()}


@contextmanager
def telling() -> Iterator[Known]:
    """Engines made in this block tell of prompt tokens that they compute again, or could have had from the cache."""
    known = Known()

    class Watched(Engine):
        def _admit(self, request: Request) -> Any:
            beginnings = self.__dict__.setdefault("beginnings", set())
            again, seen = request.scheduled >= 0, request.prefix in beginnings
            who = super()._admit(request)
            known.per_token = _token(self.hardware)
            if again:
                known.recomputed += who.left * known.per_token
            elif request.prefix >= 0 and seen:
                size = self.hardware.block_size
                whole = min(request.prefix_tokens, request.prompt - 1) // size * size
                known.spared += max(0, whole - request.cached) * known.per_token
            beginnings.add(request.prefix)
            return who

    with patch.object(servers, "Engine", Watched):
        yield known


def _token(hardware: Hardware) -> float:
    return 1 / hardware.prefill_tokens_per_second


class Telling(Fleet):
    """A fleet whose requests are told of."""

    def __init__(self, story: Story, start: float, known: Known) -> None:
        super().__init__(story, start, witness=known.see)
