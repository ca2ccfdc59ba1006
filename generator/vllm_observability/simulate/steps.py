"""How long a step takes where its parts do not simply add up: padding, mixed steps, attention, speculation."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

# vLLM's default sizes of captured CUDA graphs.
EVERY_GRAPH = (1, 2, 4, *range(8, 256, 8), *range(256, 513, 16))
_HIDDEN = 0.1  # share of the shorter of memory and arithmetic that the longer one does not hide


@dataclass(frozen=True)
class StepFunctions:
    """What a linear cost leaves out.

    graphs: batch sizes, in tokens, with a captured CUDA graph: a batch is padded to the next one.
    eager_seconds: added to a step of more tokens than the largest graph; mixed_seconds: to one with prefill in it.
    pair_seconds: of a prompt's token and one that it attends to.
    draft_seconds: of each pass of the draft model.
    """

    graphs: tuple[int, ...]
    eager_seconds: float
    mixed_seconds: float
    pair_seconds: float
    draft_seconds: float = 0.0

    def seconds(
        self, parts: tuple[float, float, float, float], decoding: int, drafts: int, computed: int, context: float,
        pairs: float,
    ) -> float:  # fmt: skip
        """Duration of one step.

        parts: seconds of reading the weights, of a sequence, of a token held, of a token computed. decoding: sequences;
        computed: prompt tokens; context: tokens held by the sequences in decode; pairs: see `pair_seconds`.
        """
        weights, sequence, held, token = parts
        batch = decoding * (1 + drafts) + computed
        more = self.draft_seconds * drafts if decoding else 0.0
        if computed:
            more += self.mixed_seconds
        elif batch > self.graphs[-1]:
            more += self.eager_seconds
        else:
            batch = self.graphs[bisect_left(self.graphs, batch)]
        memory, arithmetic = weights + sequence * (batch - computed), batch * token
        dense = max(memory, arithmetic) + _HIDDEN * min(memory, arithmetic)
        return dense + held * context + self.pair_seconds * pairs + more
