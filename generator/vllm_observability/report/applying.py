"""Which figures say anything of a model: no token gaps where no tokens are made, no room where no KV is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vllm_observability.catalog import figures as f
from vllm_observability.catalog.figures import FigureRow
from vllm_observability.report.records import Figure
from vllm_observability.report.state import States

_OF_TOKENS = frozenset(
    row.id
    for row in (
        *f.TTFT.rows, *f.ITL.rows, *f.TPOT.rows, *f.DECODE_TIME.rows, f.DECODE_SPEED, f.GENERATION_TOKENS,
        f.GENERATION_RATE, f.GENERATION_LENGTH, f.OUTPUT_INPUT, f.SPEC_ACCEPTANCE, f.SPEC_TOKENS_PER_STEP,
    )
)  # fmt: skip
_OF_KV = frozenset(
    row.id
    for row in (
        f.KV_USAGE, f.KV_CAPACITY, f.KV_BLOCKS, f.KV_BLOCK_SIZE, f.MAX_MODEL_LEN, f.FULL_LENGTH_REQUESTS, f.PREFIX_HIT,
        f.PREFIX_SAVED, f.PREEMPTIONS, f.PREEMPTIONS_PER_REQUEST,
    )
)  # fmt: skip


def applicable(figures: Sequence[Figure], states: States) -> tuple[Figure, ...]:
    """Without those that say nothing of their model."""
    return tuple(figure for figure in figures if applies(figure.of, figure.labels, states))


def applies(row: FigureRow, labels: Mapping[str, str], states: States) -> bool:
    """Whether a figure says something of the model with such labels."""
    if row.id in _OF_KV:
        return states.keep_kv
    return row.id not in _OF_TOKENS or states.of(tuple(sorted(labels.items()))).generates
