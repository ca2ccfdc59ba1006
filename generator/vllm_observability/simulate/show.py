"""What the command `simulate` shows: a plain fleet, or a story from the moment before it strikes."""

from __future__ import annotations

import textwrap
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vllm_observability.catalog import metrics as m
from vllm_observability.model import version_key
from vllm_observability.simulate.fleet import Fleet
from vllm_observability.simulate.hardware import PRESETS
from vllm_observability.simulate.recorded import Trace
from vllm_observability.simulate.recording import EPOCH, write_pages
from vllm_observability.simulate.serve import Stage, keep_moving, path, server
from vllm_observability.simulate.story import Group, Story, StoryError, duration, load, names

RUN_UP = 60.0  # seconds of a story that are seen before it strikes
HISTORY = 600.0  # seconds that a plain fleet has been serving when it is first seen
PAGES_LAST = 1800.0  # seconds of pages of a plain fleet, which has no end of its own
FOREVER = "100000d"


@dataclass(frozen=True)
class Plain:
    """A fleet without a story: servers, models that share them, requests per second of each server."""

    engines: int
    models: int
    rate: float
    hardware: str
    version: str


def listing() -> str:
    """The scenarios and the hardware, for people."""
    lines = ["Scenarios"]
    for name in names():
        story = load(name)
        lines += [
            f"  {name}: {story.title}",
            *textwrap.wrap(story.story, 100, initial_indent="    ", subsequent_indent="    "),
        ]
    lines += ["", "Hardware"]
    for name, hardware in PRESETS.items():
        lines += [f"  {name}", *textwrap.wrap(hardware.source, 100, initial_indent="    ", subsequent_indent="    ")]
    return "\n".join(lines) + "\n"


def address(text: str) -> tuple[str, int]:
    """HOST:PORT; StoryError where it is none."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65_535:
        raise StoryError(f"{text!r} is no address such as 127.0.0.1:8000")
    return host.strip("[]"), int(port)


@dataclass(frozen=True)
class Play:
    """A fleet before it starts. `into`: seconds of it that are over when it is first seen; `lasts`: seconds in all."""

    story: Story
    recorded: tuple[tuple[Trace, float], ...] = ()
    into: float = 0.0
    lasts: float = PAGES_LAST

    def stage(self, speed: float) -> Stage:
        """In step with the clock, and without an end."""
        story = replace(self.story, lasts=FOREVER)
        return Stage(Fleet(story, time.time() - self.into, self.recorded), speed, self.into)


def plain(fleet: Plain, speed: float) -> Stage:
    """A steady fleet; StoryError names what can't be."""
    return steady(fleet).stage(speed)


def steady(fleet: Plain) -> Play:
    """A steady fleet; StoryError names what can't be."""
    shares = [fleet.engines // fleet.models + (n < fleet.engines % fleet.models) for n in range(fleet.models)]
    setup, conditions = _started(fleet)
    groups = tuple(
        Group(f"acme/model-{n}", replicas, setup=setup, traffic={"rate": fleet.rate}, conditions=conditions)
        for n, replicas in enumerate(shares)
        if replicas
    )
    return Play(Story("A plain fleet", "", FOREVER, groups), into=HISTORY)


def replay(traces: Sequence[Trace], fleet: Plain, as_recorded: bool) -> Play:
    """Recorded requests: a model for each trace, with as many servers as the fleet has; StoryError as above.

    as_recorded: the trace keeps its own rate, whatever the fleet's. A model's context is as long as its trace needs,
    and its KV cache holds.
    """
    setup, conditions = _started(fleet)
    if fleet.hardware not in PRESETS:
        raise StoryError(f"{fleet.hardware}: no such hardware; there are {', '.join(PRESETS)}")
    hardware, groups, recorded = PRESETS[fleet.hardware], [], []
    for trace in traces:
        rate = trace.rate / fleet.engines if as_recorded else fleet.rate
        longest = max(hardware.max_model_len, trace.longest)
        limit = min(longest, (hardware.blocks - 1) * hardware.block_size)
        traffic = {"rate": rate, "errors": 0.0, "aborts": 0.0, "bad": 0.0}
        name = f"trace/{trace.name}"
        groups.append(Group(name, fleet.engines, "prod", {**setup, "max_model_len": limit}, traffic, conditions))
        recorded.append((trace, rate * fleet.engines / trace.rate))
    lasts = max((trace.seconds / pace for trace, pace in recorded if pace), default=PAGES_LAST)
    title = f"Recorded traffic of {', '.join(trace.name for trace in traces)}"
    return Play(Story(title, "", FOREVER, tuple(groups)), tuple(recorded), lasts=lasts)


def _started(fleet: Plain) -> tuple[dict[str, Any], dict[str, Any]]:
    """Setup and conditions of a server without a story."""
    oldest, newest = m.EXAMINED[0], m.EXAMINED[-1]
    if not version_key(oldest) <= version_key(fleet.version) <= version_key(newest):
        raise StoryError(f"vLLM {fleet.version} is not known: give a version from {oldest} to {newest}")
    hardware = PRESETS.get(fleet.hardware)
    setup: dict[str, Any] = {"hardware": fleet.hardware, "version": fleet.version}
    if hardware is None or not hardware.drafts:
        return setup, {}
    return setup | {"features": ("speculative",)}, {"drafts": hardware.drafts, "acceptance": hardware.acceptance}


def scenario(name: str, begin: str, speed: float) -> Stage:
    """A story's fleet, already so far into it; StoryError where it can't be."""
    return told(name, begin).stage(speed)


def told(name: str, begin: str) -> Play:
    """A story's fleet, already so far into it; StoryError where it can't be."""
    story = load(name)
    into = duration(begin) if begin else max(0.0, duration(story.starts) - RUN_UP)
    if into > duration(story.lasts):
        raise StoryError(f"{name} lasts {story.lasts}: it can't begin at {begin}")
    return Play(story, into=into, lasts=duration(story.lasts))


def changed(play: Play, slowdown: float, seed: int | None) -> Play:
    """The same with steps that take so many times as long, and with other luck."""
    groups = tuple(
        replace(group, setup={**group.setup, "slowdown": slowdown * float(group.setup.get("slowdown", 1.0))})
        for group in play.story.fleet
    )
    story = replace(play.story, fleet=groups if slowdown != 1.0 else play.story.fleet)
    return replace(play, story=story if seed is None else replace(story, seed=seed))


def write(play: Play, folder: Path, every: float, lasts: float) -> str:
    """Write pages of a play from its beginning, and say what was written; OSError where they can't be."""
    fleet = Fleet(play.story, EPOCH, play.recorded)
    pages = write_pages(fleet, folder, every, lasts)
    return f"{play.story.title}: {len(fleet.replicas)} servers, {pages} pages in {folder}"


def run(stage: Stage, where: tuple[str, int], say: Callable[[str], None]) -> None:
    """Serve until Ctrl-C. OSError where the address can't be had."""
    http = server(stage, *where)
    stopped = threading.Event()
    problems: list[BaseException] = []

    def failed(error: BaseException) -> None:
        problems.append(error)
        threading.Thread(target=http.shutdown).start()

    mover = threading.Thread(target=keep_moving, args=(stage, stopped, failed), daemon=True)
    mover.start()
    host, port = http.server_address[:2]
    base = f"http://{host if isinstance(host, str) else host.decode()}:{port}"
    count = len(stage.fleet.replicas)
    say(f"{stage.fleet.story.title}: {count} servers, {base}{path(0)} to {base}{path(count - 1)}, all in {base}/sd")
    say("Ctrl-C stops it.")
    try:
        http.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        pass
    finally:
        stopped.set()
        http.server_close()
    if problems:
        raise problems[0]
