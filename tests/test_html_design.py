"""The HTML report as people see it: pictures without overlaps, contrast, landmarks, print, and a size for a mail."""

from __future__ import annotations

import itertools
import re
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.programs import ROOT
from recordings import DATA, PAGES
from vllm_observability.command.cli import main
from vllm_observability.render.report.histogram import LETTER, WIDTH

TEMPLATE = (ROOT / "generator/vllm_observability/render/templates/report.html.j2").read_text()
LOADED = [
    path
    for path in sorted([*PAGES.glob("*/*.txt"), *DATA.glob("oddities/*.txt"), ROOT / "examples/vllm-0.32.0.txt"])
    if "14-python" not in path.name and "nostats" not in str(path)
]
TINY = 3.0  # between two marks that must be seen as two


@cache
def _html(path: Path, language: str = "en") -> str:
    done = CliRunner().invoke(main, ["analyze", str(path), "--format", "html", "--lang", language])
    return done.stdout if done.exit_code == 0 else ""


def _pictures(text: str) -> list[str]:
    return re.findall(r"<svg.*?</svg>", text, re.DOTALL)


@pytest.mark.parametrize("language", ["en", "pt-BR"])
@pytest.mark.parametrize("path", LOADED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_marks_and_words_of_a_picture_never_overlap(path: Path, language: str) -> None:
    """Lines stand apart, words of the axis too, and all of it is inside; words of marks are a list below."""
    for svg in _pictures(_html(path, language)):
        lines = sorted(float(x) for x in re.findall(r'<line class="mark [^"]*" x1="([\d.]+)"', svg))
        words = [(float(x), len(text)) for x, text in re.findall(r'<text x="([\d.]+)"[^>]*>([^<]*)</text>', svg)]
        edges = [(x - n * LETTER / 2, x + n * LETTER / 2) for x, n in sorted(words)]

        assert all(after - before >= TINY for before, after in itertools.pairwise(lines))
        assert all(right < left for (_, right), (left, _) in itertools.pairwise(edges))
        assert all(0 <= left and right <= WIDTH for left, right in edges)
        assert all(0 < x < WIDTH for x in lines)
        assert len(lines) == len(re.findall(r'<line class="mark', svg))


def test_pictures_are_looked_at() -> None:
    """The test above would pass over no picture at all."""
    assert sum(len(_pictures(_html(path))) for path in LOADED) > 50


# --------------------------------------------------------------------------------------------- themes


def _colours(rule: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9]+): (#[0-9a-f]{6})", rule))


LIGHT, DARK, PRINT = (_colours(rule) for rule in re.findall(r":root \{(.*?)\}", TEMPLATE, re.DOTALL))


def _contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK, PRINT], ids=["light", "dark", "print"])
@pytest.mark.parametrize("ink", ["ink", "soft", "critical", "warning", "info", "ok"])
@pytest.mark.parametrize("ground", ["back", "card"])
def test_words_have_contrast(theme: dict[str, str], ink: str, ground: str) -> None:
    """4.5 to 1, as WCAG asks of text of any size."""
    assert _contrast(theme[ink], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK, PRINT], ids=["light", "dark", "print"])
def test_parts_of_a_bar_have_contrast(theme: dict[str, str]) -> None:
    """3 to 1 against the page, as WCAG asks of what is drawn."""
    assert all(_contrast(theme[part], theme["back"]) >= 3 for part in ("p1", "p2", "p3", "p4", "mean"))


def test_every_theme_has_every_colour() -> None:
    """What one theme forgets would be drawn in the colour of another."""
    assert set(LIGHT) == set(DARK) == set(PRINT)
    assert set(re.findall(r"var\(--([a-z0-9]+)\)", TEMPLATE)) == set(LIGHT)


# -------------------------------------------------------------------------------------- structure, size


@pytest.mark.parametrize("path", LOADED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_screen_reader_finds_its_way(path: Path) -> None:
    """Landmarks, one first heading, named sections, named pictures, headings of rows, no script."""
    text = _html(path)
    if not text:
        return
    ids = re.findall(r' id="([^"]+)"', text)

    assert 1 == text.count("<main>") == text.count("<h1>")
    assert re.findall(r'aria-labelledby="([^"]+)"', text) == ids
    assert len(ids) == len(set(ids))
    assert all('role="img"' in svg and 'aria-label="' in svg for svg in _pictures(text))
    assert all("<th " in row for row in re.findall(r"<tr>.*?</tr>", text, re.DOTALL))
    assert "<script" not in text
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_the_verdict_the_tiles_and_the_cards_come_first() -> None:
    """Then what happened in detail, and last what the page can't answer."""
    text = _html(ROOT / "examples/vllm-0.32.0.txt")
    order = ['class="verdict of-critical"', 'class="tiles"', 'class="split"', 'class="cards"', 'class="pictures"']
    places = [text.index(each) for each in (*order, 'id="coverage-')]

    assert places == sorted(places)
    assert '<li class="t-critical"><span class="name">First token, p95</span>' in text
    assert "threshold 2.5 s" in text
    assert 4 == text.count("<article")
    assert re.search(r"queue <span class=\"bold\">5.58 s \(90.4 %\)", text)


def test_engines_stand_side_by_side() -> None:
    """A row for each of two, with their own numbers."""
    text = _html(PAGES / "vllm-0.32.0-dp2/loaded.txt")
    table = text[text.index("Engines side by side") :].split("</table>")[0]

    assert ["0", "1"] == re.findall(r'<th scope="row">(\d)</th>', table)
    assert "7.29 s" in table
    assert "Engines side by side" not in _html(ROOT / "examples/vllm-0.32.0.txt")


def _crowd(models: int, engines: int) -> str:
    """The bundled page for so many models, each with so many engines."""
    page = (ROOT / "examples/vllm-0.32.0.txt").read_text()
    name = re.search(r'model_name="([^"]+)"', page)
    assert name
    lines = page.splitlines()
    own = [line for line in lines if line.startswith("vllm:")]
    others = [line for line in lines if not line.startswith("vllm:")]
    crowd = [
        line.replace(name[1], f"acme/model-{m}").replace('engine="0"', f'engine="{e}"')
        for m in range(models)
        for e in range(engines)
        for line in own
    ]
    return "\n".join((*(line for line in others if not line.startswith("#")), *crowd)) + "\n"


@pytest.mark.parametrize(("models", "engines"), [(1, 60), (40, 1), (15, 8)])
def test_a_page_stays_small_enough_to_mail(models: int, engines: int) -> None:
    """Under 300 kB, however many models and engines there are."""
    done = CliRunner().invoke(main, ["analyze", "-", "--format", "html"], input=_crowd(models, engines).encode())

    assert 0 == done.exit_code
    assert len(done.stdout.encode()) < 300_000
    assert "Engines side by side" in done.stdout or engines == 1
