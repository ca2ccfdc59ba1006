"""Kinds of signs, those first that stand before others of the same moment, because the others follow from them.

What happened to a process comes first, then what was asked of engines, then how they worked, then what filled up and
what users felt. Within a few minutes nobody can see from the outside which of two came first; this order is how vLLM
works, not what a machine guesses.
"""

from __future__ import annotations

from dataclasses import dataclass

from vllm_observability.model import Unit
from vllm_observability.words.phrases import Phrase, say


@dataclass(frozen=True)
class Kind:
    """`title` says it in a few words; `unit`: of its number, None where it has none."""

    id: str
    title: Phrase
    unit: Unit | None = None


ALL: tuple[Kind, ...] = (
    Kind("config_changed", say("the engine came back with another configuration")),
    Kind("version_changed", say("the engine came back as another version of vLLM")),
    Kind("metrics_missing", say("the server answers, but shows no engine metrics")),
    Kind("restarted", say("the server restarted")),
    Kind("target_down", say("the server could not be scraped")),
    Kind("engine_gone", say("the server disappeared")),
    Kind("stalled", say("the engine has requests, but makes neither a step nor a token")),
    Kind("scrape_slow", say("scrapes take longer"), Unit.SECONDS),
    Kind("failed_transfers", say("KV transfers fail"), Unit.COUNT),
    Kind("corrupted", say("answers are corrupted"), Unit.RATIO),
    Kind("load_rose", say("more requests come for each engine"), Unit.REQUESTS_PER_SECOND),
    Kind("prompts_longer", say("prompts are longer"), Unit.TOKENS),
    Kind("errors", say("requests end with an error"), Unit.RATIO),
    Kind("aborts", say("requests are aborted"), Unit.RATIO),
    Kind("outputs_longer", say("answers are longer"), Unit.TOKENS),
    Kind("truncated", say("answers are cut off"), Unit.RATIO),
    Kind("outputs_shorter", say("answers are shorter"), Unit.TOKENS),
    Kind("hits_fell", say("the prefix cache hits less"), Unit.RATIO),
    Kind("acceptance_fell", say("fewer drafts are accepted"), Unit.RATIO),
    Kind("tokens_slower", say("tokens take longer"), Unit.SECONDS),
    Kind("starved", say("the engine gets fewer of the model's requests"), Unit.RATIO),
    Kind("rejected", say("requests are rejected"), Unit.COUNT),
    Kind("preempted", say("requests are preempted more often, times per request"), Unit.NONE),
    Kind("kv_fuller", say("the KV cache is fuller"), Unit.RATIO),
    Kind("waiting", say("requests wait"), Unit.REQUESTS),
    Kind("first_token_slower", say("first tokens come later"), Unit.SECONDS),
    Kind("load_fell", say("fewer requests come for each engine"), Unit.REQUESTS_PER_SECOND),
    Kind("came", say("a server appeared")),
)
BY_ID = {kind.id: kind for kind in ALL}
RANK = {kind.id: number for number, kind in enumerate(ALL)}
