"""An incident (or a quiet day) as a file: the fleet, what happens to it and when, and which alerts must follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from vllm_observability.settings.durations import seconds
from vllm_observability.simulate.engine import Conditions
from vllm_observability.simulate.hardware import PRESETS
from vllm_observability.simulate.server import Setup
from vllm_observability.simulate.traffic import Traffic

STORIES = Path(__file__).parent / "stories"
RAMP_STEP = 60.0  # seconds between the steps of a change that takes its time
_STRICT = {"extra": "forbid"}

Reach = Literal["up", "down", "gone"]  # answers scrapes, does not answer, is no target any more
T = TypeVar("T")


class StoryError(ValueError):
    """What is wrong with a story, in one sentence."""


@dataclass(frozen=True)
class Group:
    """Replicas of one model, alike at the start; `setup`, `traffic`, `conditions`: fields other than the defaults.

    spare: further replicas, numbered after these, that are no targets until an event lets them come: new names of pods.
    """

    __pydantic_config__ = _STRICT

    model: str = "acme/chat"
    replicas: int = 1
    namespace: str = "prod"
    setup: Mapping[str, Any] = field(default_factory=dict)
    traffic: Mapping[str, Any] = field(default_factory=dict)
    conditions: Mapping[str, Any] = field(default_factory=dict)
    spare: int = 0


@dataclass(frozen=True)
class Event:
    """Something that happens. `at`: time since the story's start; `model`, `replicas`: to whom, else to everybody.

    setup, traffic, conditions: fields that get other values; `over`: so long until a number has arrived there.
    restart: the process ends and starts again, which a change of `setup` needs too. reach: how scrapes fare;
    scrape_seconds: how long they take, 0 being what the page's size makes plausible.
    stagger: each further replica so much later. every, until: again and again.
    """

    __pydantic_config__ = _STRICT

    at: str
    model: str = ""
    replicas: tuple[int, ...] = ()
    setup: Mapping[str, Any] = field(default_factory=dict)
    traffic: Mapping[str, Any] = field(default_factory=dict)
    conditions: Mapping[str, Any] = field(default_factory=dict)
    restart: bool = False
    reach: Reach | None = None
    scrape_seconds: float = 0.0
    over: str = ""
    stagger: str = ""
    every: str = ""
    until: str = ""


@dataclass(frozen=True)
class Expected:
    """An alert that must fire, `within` a time of the incident's start; where `severity` is empty any will do."""

    __pydantic_config__ = _STRICT

    alert: str
    within: str
    severity: str = ""


@dataclass(frozen=True)
class Story:
    """One file. `starts`: when the incident begins (nothing must fire before); `lasts`: the whole time.

    must: alerts that must fire; may: names of others that are right to fire. Every alert in neither is a false one.
    settings: what the site chose, as in a settings file; rules_loaded: False where only the alerts are.
    scrape_every: time between two scrapes, where it is another than the player's own.
    """

    __pydantic_config__ = _STRICT

    title: str
    story: str
    lasts: str
    fleet: tuple[Group, ...]
    starts: str = ""
    events: tuple[Event, ...] = ()
    must: tuple[Expected, ...] = ()
    may: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    rules_loaded: bool = True
    scrape_every: str = ""
    seed: int = 1

    @property
    def healthy(self) -> bool:
        """Whether it must stay silent."""
        return not self.must

    @property
    def engines(self) -> int:
        """How many engines there are."""
        return sum(group.replicas * int(group.setup.get("engines", 1)) for group in self.fleet)


def names(folder: Path = STORIES) -> list[str]:
    """Names of the bundled stories."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def load(name: str) -> Story:
    """A story by its name, or from a file; StoryError where it can't be."""
    import yaml

    from vllm_observability.settings.strict_yaml import StrictLoader

    path = Path(name) if name.endswith((".yaml", ".yml")) else STORIES / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(names())
        raise StoryError(f"{name}: no such file, and none of the bundled stories ({known}).")
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), StrictLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise StoryError(f"{path.name}: {' '.join(str(error).split())}") from None
    return checked(Story, data, path.name)


def checked(kind: type[T], data: Any, where: str) -> T:
    """Plain data as a record; StoryError names the first wrong field."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(kind).validate_python(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise StoryError(f"{where}: {place}: {first['msg']}") from None


def duration(text: str, default: float = 0.0) -> float:
    """Seconds; StoryError where it is no duration."""
    if not text:
        return default
    found = seconds(text)
    if found is None:
        raise StoryError(f"{text!r} is no duration such as 90s, 10m or 2h")
    return found


# ------------------------------------------------------------------------------------------------ changes


def changed(setup: Setup, event: Event | Group, share: float = 1.0) -> Setup:
    """A setup after an event; `share`: how much of the way its numbers have gone."""
    changes = {
        "traffic": _merged(setup.traffic, event.traffic, share),
        "conditions": _merged(setup.conditions, event.conditions, share),
    }
    own = {f.name: getattr(setup, f.name) for f in fields(setup) if f.name not in changes}
    found = replace(checked(Setup, {**own, **event.setup}, "setup"), **changes)
    if found.hardware not in PRESETS:
        raise StoryError(f"{found.hardware}: no such hardware; there are {', '.join(PRESETS)}")
    return found


def _merged(old: Traffic | Conditions, changes: Mapping[str, Any], share: float) -> Any:
    was, moved = asdict(old), {}
    for name, value in changes.items():
        before = was.get(name)
        between = share < 1 and isinstance(value, int | float) and isinstance(before, int | float)
        moved[name] = before + (value - before) * share if between else value
    return checked(type(old), {**was, **moved}, type(old).__name__.lower())


@dataclass(frozen=True)
class Moment:
    """One event at one replica; of a change that takes its time, one step: `share` of the way that is left."""

    at: float
    event: Event
    index: int
    share: float = 1.0


def moments(story: Story, models: Sequence[tuple[str, int]]) -> list[Moment]:
    """Everything that happens, in order; `models`: (model, its number among the model's replicas) of each replica."""
    found: list[Moment] = []
    for event in story.events:
        for begin in _times(event, duration(story.lasts)):
            hit = [
                index
                for index, (model, number) in enumerate(models)
                if event.model in ("", model) and (not event.replicas or number in event.replicas)
            ]
            for order, index in enumerate(hit):
                at = begin + order * duration(event.stagger)
                steps = max(1, round(duration(event.over) / RAMP_STEP))
                found += [
                    Moment(at + step * RAMP_STEP, event, index, 1 / (steps - step))  # of what is left of the way
                    for step in range(steps)
                ]
    return sorted(found, key=lambda moment: moment.at)


def _times(event: Event, end: float) -> Iterator[float]:
    at, step = duration(event.at), duration(event.every)
    last = duration(event.until, at if not step else end)
    while at <= last:
        yield at
        if not step:
            return
        at += step
