"""Stories that nobody set a bound by: another engine is hit, the fleet is larger or quieter, two things go wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from vllm_observability.simulate.story import Event, Story, duration, load

MOVED = ("config-drift", "corrupted", "crash-loop", "hung-engine", "slow-engine", "scrape-outage")
LARGER = ("abort-storm", "error-burst", "hung-engine", "long-prompts", "crash-loop")
QUIETER = ("error-burst", "hung-engine", "slow-engine", "truncation", "abort-storm")
# What happens at the fleet of the first, and so many seconds later also what happens in the second.
PAIRS = (
    ("slow-engine", "error-burst", 0), ("crash-loop", "abort-storm", 0), ("hung-engine", "truncation", 0),
    ("slow-engine", "long-prompts", 0), ("error-burst", "hung-engine", 900), ("slow-engine", "crash-loop", 900),
    ("abort-storm", "long-prompts", 900), ("truncation", "error-burst", 900),
)  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """A story, and which kinds of sign within how many minutes say what was injected first."""

    story: Story
    kinds: frozenset[str]
    minutes: float


def variants(injected: Mapping[str, tuple[frozenset[str], float]], seed: int) -> Iterator[Trial]:
    """All of them."""
    changed = [(name, "another engine", _moved) for name in MOVED]
    changed += [(name, "three times as many engines", _larger) for name in LARGER]
    changed += [(name, "less than half of the load", _quieter) for name in QUIETER]
    for name, how, change in changed:
        story = change(load(name))
        yield Trial(replace(story, title=f"{story.title}: {how}", seed=seed), *injected[name])
    for name, other, later in PAIRS:
        both, also = load(name), load(other)
        start = duration(both.starts)
        events = tuple(
            replace(event, at=f"{start + later + duration(event.at) - duration(also.starts):.0f}s", every="", until="")
            for event in also.events
        )
        when = f"{later // 60} minutes later" if later else "at once"
        kinds = injected[name][0] | (frozenset() if later else injected[other][0])
        story = replace(both, title=f"{both.title}, and {when} {also.title}", events=(*both.events, *events), seed=seed)
        yield Trial(story, kinds, injected[name][1])


def _moved(story: Story) -> Story:
    (group, *_) = story.fleet

    def moved(event: Event) -> Event:
        return replace(event, replicas=tuple((number + 1) % group.replicas for number in event.replicas))

    return replace(story, events=tuple(map(moved, story.events)))


def _larger(story: Story) -> Story:
    return replace(story, fleet=tuple(replace(group, replicas=3 * group.replicas) for group in story.fleet))


def _quieter(story: Story) -> Story:
    return replace(
        story,
        fleet=tuple(replace(group, traffic={**group.traffic, "rate": 0.4 * group.traffic["rate"]})
                    for group in story.fleet),
    )  # fmt: skip
