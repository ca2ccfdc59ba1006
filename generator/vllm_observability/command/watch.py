"""A server looked at again and again: a live screen on a terminal, a line for each look elsewhere."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import TextIO

from rich.console import Console
from rich.live import Live

from vllm_observability.command.keys import Wait, no_keys
from vllm_observability.pages.evaluate import Window, window
from vllm_observability.pages.source import Source
from vllm_observability.pages.sources import SourceError
from vllm_observability.render.report.live import BY_NAME, COLUMNS, KEYS, Look, line, screen
from vllm_observability.report import analyse
from vllm_observability.report.figures import ENGINE, answer
from vllm_observability.settings import Settings
from vllm_observability.words.phrases import Language, neutral

KEPT = 500  # looks: more than the widest sparkline shows
Looker = Callable[[], "tuple[Window, Source]"]


def watch(
    look: Looker,
    seconds: float,
    settings: Settings,
    language: Language,
    out: TextIO,
    *,
    in_place: bool,
    rounds: int | None = None,
    clock: Callable[[], float] = time.time,
    wait: Wait = no_keys,
) -> None:
    """Look every `seconds`, `rounds` times (None: until q or an interrupt); a look that fails is said, and is no end.

    From the second look on, numbers that grow are of the time since the look before. `wait` gives the keys.
    """
    looks: deque[Look] = deque(maxlen=KEPT)
    watcher = _Watcher(look, settings, clock)
    if not in_place:
        for number in count(1):
            out.write(line(watcher.look(), language) + "\n")
            out.flush()
            if rounds is not None and number >= rounds:
                return
            wait(seconds)
    console = Console(file=out, force_terminal=True, highlight=False, markup=False, emoji=False)
    sort = BY_NAME
    with Live(console=console, auto_refresh=False, screen=True, vertical_overflow="crop") as live:
        for number in count(1):
            looks.append(watcher.look())
            until = time.monotonic() + seconds
            while True:
                live.update(screen(looks, sort, seconds, console.size, language), refresh=True)
                if rounds is not None and number >= rounds:
                    return
                key = wait(until - time.monotonic())
                if key == "q":
                    return
                sort = key if key in KEYS else sort
                if not key and time.monotonic() >= until:
                    break


class _Watcher:
    """Remembers the look before, since growth is counted from it."""

    def __init__(self, look: Looker, settings: Settings, clock: Callable[[], float]) -> None:
        self.take, self.settings, self.clock = look, settings, clock
        self.before: tuple[Window, float] | None = None

    def look(self) -> Look:
        """The next one."""
        try:
            found, source = self.take()
        except SourceError as error:
            return Look(_moment(self.clock()), why=neutral(str(error), 300))
        now = self.clock()
        since, self.before = self.before, (found, now)
        if since is not None and source.kind != "prometheus":
            found = window(found.later, since[0].later, now - since[1])
            source = replace(source, kind="pair")
        engines = {column.key: answer(column.signal, found, by=ENGINE) for column in COLUMNS}
        return Look(_moment(now), analyse(found, source, self.settings), engines)


def _moment(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))
