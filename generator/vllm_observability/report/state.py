"""In what state each model is: what kind it is, what runs and waits, who sleeps; words and advice depend on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from vllm_observability.catalog import signals as s
from vllm_observability.pages.evaluate import Answer, Group, Window, evaluate
from vllm_observability.report.consistency import MODEL
from vllm_observability.report.facts import CacheConfig
from vllm_observability.report.figures import ENGINE, model_of

Kind = Literal["generative", "transcription", "embedding", "reranking", "pooling", "unknown"]
POOLING: tuple[Kind, ...] = ("embedding", "reranking", "pooling")
UNEVEN = 0.3  # of the KV cache: an engine so far above the mean of its model has more than its share

# Paths that ask for work, by the kind of model that answers them.
HANDLERS: Mapping[str, Kind] = {
    **dict.fromkeys(("/v1/embeddings", "/v2/embed"), "embedding"),
    **dict.fromkeys(("/rerank", "/v1/rerank", "/v2/rerank", "/score", "/v1/score"), "reranking"),
    **dict.fromkeys(("/pooling", "/classify"), "pooling"),
    **dict.fromkeys(("/v1/audio/transcriptions", "/v1/audio/translations"), "transcription"),
    **dict.fromkeys(("/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/messages"), "generative"),
}


@dataclass(frozen=True)
class Sleeper:
    """An engine that sleeps: how deep, and how many requests wait for it."""

    engine: Group
    depth: str
    waiting: int


@dataclass(frozen=True)
class State:
    """One model, or a part of it that is kept apart.

    `usage` is the KV cache usage of each engine, `keeps_kv` whether it has a KV cache at all. `deferred`: whatever
    waits, waits for something else than room. `external`: KV comes from outside the engine too.
    """

    kind: Kind = "unknown"
    running: int = 0
    waiting: int = 0
    usage: Answer = field(default_factory=dict)
    engines: int = 1
    sleepers: tuple[Sleeper, ...] = ()
    keeps_kv: bool = True
    deferred: bool = False
    external: bool = False

    @property
    def asleep(self) -> bool:
        """Whether every engine sleeps."""
        return bool(self.sleepers) and len(self.sleepers) >= self.engines

    @property
    def generates(self) -> bool:
        """Whether it makes tokens, as far as is known."""
        return self.kind not in POOLING

    @property
    def uneven(self) -> Group | None:
        """The engine that holds far more than the mean of the model's engines."""
        if len(self.usage) < 2:
            return None
        fullest = max(self.usage, key=lambda group: self.usage[group].number)
        mean = sum(value.number for value in self.usage.values()) / len(self.usage)
        return fullest if self.usage[fullest].number - mean > UNEVEN else None


@dataclass(frozen=True)
class States:
    """The state of each model; `keys` are the labels that tell models, and parts that are kept apart, from others."""

    keys: frozenset[str]
    known: Mapping[Group, State]

    def of(self, group: Group) -> State:
        """Of the model that a row is of."""
        return self.known.get(tuple(pair for pair in group if pair[0] in self.keys), State())

    def part(self, group: Group) -> str:
        """What tells a row from those of the same model that it is kept apart from."""
        return ", ".join(f"{key} {value}" for key, value in group if key in self.keys and key not in MODEL)

    @property
    def keep_kv(self) -> bool:
        """Whether any has a KV cache."""
        return all(state.keeps_kv for state in self.known.values())

    @property
    def generate(self) -> bool:
        """Whether any makes tokens, as far as is known."""
        return not self.known or any(state.generates for state in self.known.values())

    @property
    def uneven(self) -> bool:
        """Whether the load of a model is spread badly over its engines."""
        return any(state.uneven for state in self.known.values())

    @property
    def external(self) -> bool:
        """Whether KV comes from outside of an engine."""
        return any(state.external for state in self.known.values())

    @property
    def sleepers(self) -> tuple[Sleeper, ...]:
        """Every engine that sleeps."""
        return tuple(sleeper for state in self.known.values() for sleeper in state.sleepers)

    @property
    def asleep(self) -> bool:
        """Whether nothing is awake."""
        return bool(self.known) and all(state.asleep for state in self.known.values())


def states(window: Window, configs: Sequence[CacheConfig]) -> States:
    """The state of every model of the later page."""
    running, waiting, deferred = (
        evaluate(signal.expr, window, MODEL) for signal in (s.RUNNING, s.WAITING, s.WAITING_DEFERRED)
    )
    outside = evaluate(s.EXTERNAL_LOOKUPS.expr, window, MODEL)
    usage = _by_model(evaluate(s.KV_USAGE.expr, window, ENGINE))
    engines = _by_model(evaluate(s.RUNNING.expr, window, ENGINE))
    asleep: dict[Group, list[Sleeper]] = {}
    for sleeper in sleepers(window):
        asleep.setdefault(model_of(sleeper.engine), []).append(sleeper)
    kinds = _kinds(window)
    blocks = [config.blocks for config in configs]
    keeps_kv = not blocks or any(number is None or number > 1 for number in blocks)
    found = {}
    for group in {**running, **waiting, **kinds}:
        queued = _count(waiting, group)
        found[group] = State(
            kind=kinds.get(group, "unknown"),
            running=_count(running, group),
            waiting=queued,
            usage=usage.get(group, {}),
            engines=len(engines.get(group, {})) or 1,
            sleepers=tuple(asleep.get(group, ())),
            keeps_kv=keeps_kv,
            deferred=0 < queued <= _count(deferred, group),
            external=group in outside and outside[group].number > 0,
        )
    return States(frozenset({*MODEL, *window.apart}), found)


def sleepers(window: Window) -> Iterator[Sleeper]:
    """Every engine that sleeps."""
    waiting = evaluate(s.WAITING.expr, window, ENGINE)
    for group, value in evaluate(s.SLEEP_STATE.expr, window, (*ENGINE, *s.SLEEP_STATE.by)).items():
        depth = dict(group).get("sleep_state")
        if value.number > 0 and depth:
            engine = tuple(pair for pair in group if pair[0] not in s.SLEEP_STATE.by)
            yield Sleeper(engine, depth, _count(waiting, engine))


def _by_model(answer: Answer) -> dict[Group, Answer]:
    found: dict[Group, Answer] = {}
    for engine, value in answer.items():
        found.setdefault(model_of(engine), {})[engine] = value
    return found


def _count(answer: Answer, group: Group) -> int:
    return round(answer[group].number) if group in answer else 0


def _kinds(window: Window) -> dict[Group, Kind]:
    """By the paths that are called, where they are one model's, and by whether answers have tokens."""
    whole = window.once("whole", lambda: Window(window.later))
    answered, made = (evaluate(signal.expr, whole, MODEL) for signal in (s.ANSWERED, s.GENERATION_TOKENS))
    called = _called(whole) if len({dict(group).get("model_name") for group in answered}) == 1 else {}
    return {group: _kind(answered[group].number, made[group].number, called) for group in answered if group in made}


def _called(window: Window) -> dict[Kind, float]:
    """Requests to the paths that tell a kind."""
    found: dict[Kind, float] = {}
    for group, value in evaluate(s.HTTP_REQUESTS.expr, window, s.HTTP_REQUESTS.by).items():
        held = dict(group)
        kind = HANDLERS.get(held.get("handler", ""))
        if kind and held.get("status", "").startswith("2"):
            found[kind] = found.get(kind, 0.0) + value.number
    return found


def _kind(answered: float, made: float, called: Mapping[Kind, float]) -> Kind:
    if made > 0:
        return "transcription" if called.get("transcription", 0.0) > called.get("generative", 0.0) else "generative"
    if answered <= 0:
        return "unknown"
    own = {kind: number for kind, number in called.items() if kind in POOLING and number > 0}
    return max(own, key=lambda kind: own[kind]) if own else "pooling"
