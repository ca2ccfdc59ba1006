"""vLLM's Rust front end, by what it leaves out: its panels are empty for a reason that names alone don't tell."""

from __future__ import annotations

from dataclasses import replace

from vllm_observability.catalog import metrics as m
from vllm_observability.doctor.records import Problem, State
from vllm_observability.model import Owner
from vllm_observability.pages.snapshot import VLLM, Snapshot

# Left out by the Rust front end of vLLM 0.22 and later.
_NOT_IN_RUST = (m.CACHE_CONFIG, m.ENGINE_SLEEP_STATE, m.PROCESS_START_TIME, m.PYTHON_INFO)
_RUST = "the Rust front end of vLLM does not expose it"


def rust_front_end(page: Snapshot) -> tuple[Problem, ...]:
    """Engines' series without what every Python front end of that age shows: configuration, process, interpreter."""
    since = page.has(m.PROMPT_TOKENS_BY_SOURCE)  # 0.16, well before the Rust front end
    if not since or page.prefix != VLLM or any(page.has(metric) for metric in _NOT_IN_RUST):
        return ()
    return (
        Problem(
            "rust",
            "hint",
            "these servers have vLLM's Rust front end, which shows no configuration, sleep state, process, HTTP sizes",
            "nothing, if you can do without; VLLM_USE_RUST_FRONTEND=0 brings them back. Its HTTP durations end before "
            "the streamed body",
        ),
    )


def explained(states: tuple[State, ...], rust: tuple[Problem, ...]) -> tuple[State, ...]:
    """What only the Rust front end lacks is as it should be, with that reason."""
    if not rust:
        return states
    lacking = [metric for metric in m.ALL if metric.owner is Owner.PROCESS or metric in _NOT_IN_RUST]
    absent = {name.text for metric in lacking for name in metric.names}
    return tuple(
        replace(state, why=f"{name}: {_RUST}", expected=True)
        if not state.ready and (name := state.why.partition(" ")[0]) in absent
        else state
        for state in states
    )
