"""What the command `simulate` shows: a plain fleet, or a story from the moment before it strikes."""

from __future__ import annotations

import textwrap
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from vllm_observability.catalog import metrics as m
from vllm_observability.model import version_key
from vllm_observability.simulate.fleet import Fleet
from vllm_observability.simulate.hardware import PRESETS
from vllm_observability.simulate.serve import Stage, keep_moving, path, server
from vllm_observability.simulate.story import Group, Story, StoryError, duration, load, names

RUN_UP = 60.0  # seconds of a story that are seen before it strikes
HISTORY = 600.0  # seconds that a plain fleet has been serving when it is first seen


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


def plain(fleet: Plain, speed: float) -> Stage:
    """A steady fleet; StoryError names what can't be."""
    oldest, newest = m.EXAMINED[0], m.EXAMINED[-1]
    if not version_key(oldest) <= version_key(fleet.version) <= version_key(newest):
        raise StoryError(f"vLLM {fleet.version} is not known: give a version from {oldest} to {newest}")
    setup = {"hardware": fleet.hardware, "version": fleet.version}
    shares = [fleet.engines // fleet.models + (n < fleet.engines % fleet.models) for n in range(fleet.models)]
    groups = tuple(
        Group(f"acme/model-{n}", replicas, setup=setup, traffic={"rate": fleet.rate})
        for n, replicas in enumerate(shares)
        if replicas
    )
    story = Story("A plain fleet", "", "100000d", groups)
    return Stage(Fleet(story, time.time() - HISTORY), speed, HISTORY)


def scenario(name: str, begin: str, speed: float) -> Stage:
    """A story's fleet, already so far into it; StoryError where it can't be."""
    story = load(name)
    into = duration(begin) if begin else max(0.0, duration(story.starts) - RUN_UP)
    if into > duration(story.lasts):
        raise StoryError(f"{name} lasts {story.lasts}: it can't begin at {begin}")
    return Stage(Fleet(replace(story, lasts="100000d"), time.time() - into), speed, into)


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
