"""Cause and advice of what was judged, as the state of the model has them: what a row of the catalogue says of a busy
engine does not fit one that sleeps, is idle, shares its load badly, or makes no tokens."""

from __future__ import annotations

from dataclasses import dataclass

from vllm_observability.catalog import checks
from vllm_observability.catalog import fleet_checks as fleet
from vllm_observability.catalog import notices as n
from vllm_observability.report.limits import FULL_USAGE
from vllm_observability.report.noticing import engine_name
from vllm_observability.report.records import Judged
from vllm_observability.report.state import State
from vllm_observability.words.phrases import Phrase, say


@dataclass(frozen=True)
class Remedy:
    """Words of a finding; None: there is nothing to say."""

    title: Phrase
    cause: Phrase | None
    advice: Phrase | None


_OF_A_QUEUE = (checks.REQUESTS_WAITING, checks.QUEUE_TIME, fleet.QUEUE_DRAIN)
_OF_CACHE = (checks.KV_CACHE_USAGE, checks.KV_CACHE_FILLED)
_OF_ROOM = (*_OF_CACHE, checks.PREEMPTIONS, *_OF_A_QUEUE)
_SLEEPS = say("The engine sleeps; waiting requests stay until it is woken.")
_WAKE_UP = say("Wake it up (POST /wake_up), or take it out of the router until it is awake.")
_FULL = say("The KV cache is full, so new requests wait for blocks.")
_ELSEWHERE = say("They wait for a KV transfer or a LoRA slot, not for room in the batch.")


def remedy(row: Judged, state: State) -> Remedy:
    """The words that fit the state, else those of the row itself."""
    check = row.check
    own = Remedy(say(check.title), _some(check.cause), _some(check.advice))
    if check in _OF_A_QUEUE and state.sleepers and not state.running:
        return Remedy(own.title, _SLEEPS, _WAKE_UP)
    if check in (*_OF_A_QUEUE, n.STUCK) and state.deferred:
        advice = say("Look at the KV connector on both sides, and at --max-loras; more replicas would not help.")
        return Remedy(own.title, _ELSEWHERE, advice)
    if check in _OF_CACHE and not state.running:
        return Remedy(own.title, *_held_blocks())
    if check in _OF_ROOM and (engine := state.uneven):
        cause = say(
            "The load is uneven: {engine} holds far more than the mean of its model.", engine=engine_name(engine)
        )
        advice = say("Balance the load: while other engines have room, no limit needs to change.")
        return Remedy(own.title, cause, advice)
    if check in _OF_A_QUEUE and any(value.number >= FULL_USAGE for value in state.usage.values()):
        return Remedy(own.title, _FULL, _some(checks.KV_CACHE_USAGE.advice))
    if not state.generates and check in (checks.TTFT, *_OF_A_QUEUE):
        title = say("Results are slow") if check is checks.TTFT else own.title
        cause = say("Inputs arrive faster than they are computed, or they are long.")
        advice = say(
            "Add a replica, or send smaller batches; the model makes no tokens, so limits of decoding do not matter."
        )
        return Remedy(title, cause, advice)
    return own


def _some(text: str) -> Phrase | None:
    return say(text) if text else None


def _held_blocks() -> tuple[Phrase, Phrase]:
    return (
        say("Blocks are held although nothing runs: for another engine that has not fetched them yet, or by a leak."),
        say("Look at the KV connector on both sides; if nobody fetches them, only a restart frees the blocks."),
    )
