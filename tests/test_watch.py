"""Watching: the second look tells what happened since the first, a failure is said and is no end, nothing scrolls."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

from click.testing import CliRunner

from recordings import PAGES
from vllm_observability.command.cli import main
from vllm_observability.command.watch import watch
from vllm_observability.pages.evaluate import Window, window
from vllm_observability.pages.scrape import read_page
from vllm_observability.pages.snapshot import snapshot
from vllm_observability.pages.source import Source
from vllm_observability.pages.sources import SourceError
from vllm_observability.settings import Settings
from vllm_observability.words.languages import LANGUAGES

FOLDER = PAGES / "vllm-0.32.0"


def _looks(*pages: str | SourceError) -> Callable[[], tuple[Window, Source]]:
    given: Iterator[str | SourceError] = iter(pages)

    def look() -> tuple[Window, Source]:
        page = next(given)
        if isinstance(page, SourceError):
            raise page
        return window(snapshot(read_page((FOLDER / f"{page}.txt").read_bytes()))), Source("url", "http://gpu1/metrics")

    return look


def _watched(*pages: str | SourceError, in_place: bool = False) -> str:
    out, times = io.StringIO(), iter([1000.0, 1010.0, 1020.0])
    watch(
        _looks(*pages), 0.0, Settings(), LANGUAGES["en"], out, in_place=in_place, rounds=len(pages),
        clock=lambda: next(times),
    )  # fmt: skip
    return out.getvalue()


def test_the_second_look_is_since_the_first() -> None:
    """Totals first, then growth and rates over ten seconds."""
    first, second = _watched("loaded", "after").split("vLLM report:")[1:]

    assert "totals since the server started" in first
    assert "growth over 10 s" in second
    assert "Output tokens/s" in second
    assert "Output tokens/s" not in first


def test_a_failure_is_said_and_watching_goes_on() -> None:
    """The server is away for one look."""
    text = _watched("loaded", SourceError("gpu1 does not answer"), "after")

    assert "gpu1 does not answer" in text
    assert "growth over 10 s" in text.split("gpu1 does not answer")[1]


def test_on_a_terminal_it_stays_in_place() -> None:
    """The cursor goes up again before the next look is drawn."""
    assert "\x1b[" in _watched("loaded", "after", in_place=True)
    assert "\x1b[" not in _watched("loaded", "after")


def test_only_what_can_change_is_watched() -> None:
    """A file can't, and JSON has no screen."""
    for wrong in ([str(FOLDER / "after.txt")], ["http://x/metrics", "--format", "json"]):
        done = CliRunner().invoke(main, ["analyze", *wrong, "--watch", "1"])
        assert done.exit_code == 2
        assert "--watch is for one URL or a Prometheus" in done.stderr
