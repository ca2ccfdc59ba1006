"""A server looked at again and again: what happened since the last look, on one screen that does not scroll."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from vllm_observability.pages.evaluate import Window, window
from vllm_observability.pages.source import Source
from vllm_observability.pages.sources import SourceError
from vllm_observability.render.report.text import report_text
from vllm_observability.report import analyse
from vllm_observability.settings import Settings
from vllm_observability.words.phrases import Language

# What fits a screen; the whole report is a word on the command line away.
SECTIONS = ("requests", "latency", "cache", "findings")


def watch(
    look: Callable[[], tuple[Window, Source]],
    seconds: float,
    settings: Settings,
    language: Language,
    out: TextIO,
    *,
    in_place: bool,
    rounds: int | None = None,
    clock: Callable[[], float] = time.time,
) -> None:
    """Look every `seconds`, `rounds` times (None: until interrupted); a look that fails is said, and is no end.

    From the second look on the numbers are of the time since the one before.
    """
    console = Console(file=out, force_terminal=in_place, highlight=False, markup=False, emoji=False)
    before: tuple[Window, float] | None = None
    with Live(console=console, auto_refresh=False, transient=False, vertical_overflow="crop") as live:
        for number in count(1):
            try:
                found, source = look()
                now = clock()
                text = _since(found, source, before, now, settings, language, in_place, console.width)
                before = (found, now)
            except SourceError as error:
                text = f"{error}\n"
            if in_place:
                live.update(Text.from_ansi(text), refresh=True)
            else:
                out.write(text + "\n")
                out.flush()
            if rounds is not None and number >= rounds:
                return
            time.sleep(seconds)


def _since(
    found: Window,
    source: Source,
    before: tuple[Window, float] | None,
    now: float,
    settings: Settings,
    language: Language,
    color: bool,
    width: int,
) -> str:
    if before is not None and source.kind != "prometheus":
        found = window(found.later, before[0].later, now - before[1])
        source = replace(source, kind="pair")
    report = analyse(found, source, settings)
    return report_text(report, color=color, width=min(max(width, 60), 100), language=language, only=SECTIONS)
