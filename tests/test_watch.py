"""Watching: a look tells what happened since the last, a failure is said and is no end, keys sort and quit."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner

from recordings import PAGES
from vllm_observability.command.cli import main
from vllm_observability.command.watch import watch
from vllm_observability.pages.evaluate import Window, window
from vllm_observability.pages.scrape import read_page
from vllm_observability.pages.snapshot import snapshot
from vllm_observability.pages.source import Source
from vllm_observability.pages.sources import SourceError
from vllm_observability.render.report.live import BLOCKS, COLUMNS, GAP, KEYS, spark
from vllm_observability.settings import Settings
from vllm_observability.words.languages import LANGUAGES

FOLDER = PAGES / "vllm-0.32.0"
TWO = PAGES / "vllm-0.32.0-dp2"


def _looks(*pages: str | SourceError, folder: object = FOLDER) -> Callable[[], tuple[Window, Source]]:
    given: Iterator[str | SourceError] = iter(pages)

    def look() -> tuple[Window, Source]:
        page = next(given)
        if isinstance(page, SourceError):
            raise page
        read = read_page((folder / f"{page}.txt").read_bytes())  # type: ignore[operator]
        return window(snapshot(read)), Source("url", "http://gpu1/metrics")

    return look


def _watched(
    *pages: str | SourceError, in_place: bool = False, pressed: str = "", language: str = "en", folder: object = FOLDER
) -> str:
    out, times, typed = io.StringIO(), iter([1000.0, 1010.0, 1020.0]), iter(pressed)
    watch(
        _looks(*pages, folder=folder), 0.0, Settings(), LANGUAGES[language], out, in_place=in_place, rounds=len(pages),
        clock=lambda: next(times), wait=lambda _: next(typed, ""),
    )  # fmt: skip
    return out.getvalue()


def _screens(*pages: str | SourceError, **more: object) -> list[str]:
    """What a terminal showed, screen by screen, without its control sequences."""
    text = _watched(*pages, in_place=True, **more)  # type: ignore[arg-type]
    frames = [re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", frame) for frame in text.split("\x1b[H")]
    return [frame for frame in frames if "quit: q" in frame or "sair: q" in frame]


# ------------------------------------------------------------------------------------ without a terminal


def test_the_second_look_is_since_the_first() -> None:
    """A line for each look: gauges at once, and from the second look on what happened in ten seconds."""
    first, second = _watched("loaded", "after").splitlines()

    assert "Running now" in first
    assert "Output tokens/s" not in first
    assert re.search(r"Output tokens/s [\d,.]+ tokens/s", second)


def test_a_failure_is_said_and_watching_goes_on() -> None:
    """The server is away for one look, and growth is counted from the one before."""
    lines = _watched("loaded", SourceError("gpu1 does not answer"), "after").splitlines()

    assert lines[1].endswith("gpu1 does not answer")
    assert "Output tokens/s" in lines[2]


def test_lines_are_plain() -> None:
    """One for each look, no control character: for a log, or another program."""
    text = _watched("loaded", "after")

    assert 2 == len(text.splitlines())
    assert "\x1b" not in text


# --------------------------------------------------------------------------------------- on a terminal


def test_a_screen_has_figures_engines_findings_and_keys() -> None:
    """The last minutes as sparklines, engines as rows, the gravest findings, what keys do."""
    screen = _screens("loaded", "after", folder=TWO)[-1]

    for words in ("Output tokens/s", "Running now", "KV cache in use", "First token, p95", "engine ▾", "quit: q"):
        assert words in screen
    assert any(block in screen for block in BLOCKS)
    assert re.search(r"^0 .*%.*\n1 .*%", screen, re.MULTILINE)


@pytest.mark.parametrize("key", sorted(KEYS))
def test_a_key_sorts(key: str) -> None:
    """The column of the key is marked, and the largest stands first; by name the first."""
    screen = _screens("loaded", "loaded", folder=TWO, pressed=key)[-1]
    title = next((column.title.text for column in COLUMNS if column.key == key), "engine")

    assert f"{title} ▾" in screen
    if key == "k":
        assert re.search(r"^0 .*90.3 %.*\n1 .*48.4 %", screen, re.MULTILINE)
    if key == "w":
        assert re.search(r"^1 .*\n0 ", screen, re.MULTILINE)


def test_q_quits_and_another_key_does_nothing() -> None:
    """The third page is never looked at."""
    assert 1 == len(set(_screens("loaded", "after", "after", pressed="xq")))


def test_a_failure_stays_on_the_screen() -> None:
    """With the numbers of the last look that went well."""
    text = _watched("loaded", SourceError("gpu1 does not answer"), in_place=True)

    assert "gpu1 does not answer" in text
    assert "Running now" in text.split("gpu1 does not answer")[1]


@pytest.mark.parametrize(("width", "height"), [(80, 24), (60, 16), (120, 50)])
def test_it_fits_the_terminal(monkeypatch: pytest.MonkeyPatch, width: int, height: int) -> None:
    """No line is longer, and there are not more lines."""
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("LINES", str(height))
    for screen in _screens("loaded", "after", folder=TWO):
        lines = [each.rstrip() for each in screen.splitlines()]

        assert max(map(len, lines)) <= width
        assert len(lines) <= height


def test_it_speaks_portuguese() -> None:
    """Every word of the screen."""
    screen = _screens("loaded", "after", folder=TWO, language="pt-BR")[-1]

    assert "Requisições" in screen or "Em execução" in screen
    assert "Running now" not in screen


def test_sparklines_start_at_nothing() -> None:
    """The largest is the highest, 0 the lowest, a missing look is a gap, only the last ones are shown."""
    assert "▁█" == spark([0, 5], 10)
    assert "▅█" == spark([3, 5], 10)
    assert f"▁{GAP}▁" == spark([0, None, 0], 10)
    assert "█" * 3 == spark([1, 9, 9, 9], 3)
    assert "" == spark([], 10)


def test_only_what_can_change_is_watched() -> None:
    """A file can't, and JSON has no screen."""
    for wrong in ([str(FOLDER / "after.txt")], ["http://x/metrics", "--format", "json"]):
        done = CliRunner().invoke(main, ["analyze", *wrong, "--watch", "1"])
        assert done.exit_code == 2
        assert "--watch needs one URL or --prometheus" in done.stderr
