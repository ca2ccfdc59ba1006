#!/usr/bin/env python3
"""Reports as pictures: HTML in every language, and a terminal.

usage: reports.py images OUT    what the documentation shows
       reports.py check OUT     many kinds of servers at three widths, in both themes, and printed
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from vllm_observability.pages.sources import Access, read
from vllm_observability.render.report.html import report_html
from vllm_observability.render.report.text import report_text
from vllm_observability.report import analyse
from vllm_observability.report.records import Report
from vllm_observability.settings import Settings, load
from vllm_observability.words.languages import LANGUAGES

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SHOWN = {
    "overload": "examples/vllm-0.32.0.txt",
    "reference": "tests/data/oddities/00-reference.txt",
    "older": "tests/data/pages/vllm-0.10.2/loaded.txt",
    "two-engines": "tests/data/pages/vllm-0.32.0-dp2/loaded.txt",
}
# Ray, hostile labels, idle, one of four engines full, two models, limits of histograms; and cases that were reported.
KINDS = ("05", "10", "13", "15", "17", "19")
CHECKED = (*(f"tests/data/oddities/{number}-*.txt" for number in KINDS), "tests/data/cases/*/page.txt")
WIDTHS, THEMES = (390, 820, 1280), ("light", "dark")


def reports(paths: Mapping[str, str]) -> dict[str, Report]:
    """What each page says, by its name; with the settings that lie beside it."""
    return {name: _report(path) for name, path in paths.items()}


def _report(path: str) -> Report:
    beside = Path(path).with_name("settings.yaml")
    settings = load(beside) if beside.is_file() else Settings()
    return analyse(*read([path], Access(), settings.limits, None, own=settings.metric_prefixes), settings)


def shoot(size: str, theme: str, pairs: Iterable[tuple[Path, Path]]) -> int:
    """Pictures of files; not 0 where a page is too wide or complains."""
    words = map(str, chain.from_iterable(pairs))
    return subprocess.run(["node", str(HERE / "page.mjs"), size, theme, *words], check=False).returncode


def html(found: Mapping[str, Report], code: str, scratch: Path) -> dict[str, Path]:
    """The reports as files."""
    written = {}
    for name, report in found.items():
        written[name] = scratch / f"{name}-{code}.html"
        written[name].write_text(report_html(report, language=LANGUAGES[code]), encoding="utf-8")
    return written


def terminal(report: Report, path: Path) -> Path:
    """A terminal with a report, as a page."""
    console = Console(file=io.StringIO(), record=True, width=82, force_terminal=True)
    console.print(Text.from_ansi(report_text(report, color=True, width=80)))
    console.save_html(str(path), theme=MONOKAI, inline_styles=True)
    return path


def images(out: Path, scratch: Path) -> int:
    """Three pictures of each report, and the first screen of the first."""
    found = reports(SHOWN)
    pages = {code: html(found, code, scratch) for code in LANGUAGES}
    shown = [(file, out / f"report-{name}-html-{code}.png") for code in pages for name, file in pages[code].items()]
    screens = [
        (terminal(r, scratch / f"{n}-terminal.html"), out / f"report-{n}-terminal.png") for n, r in found.items()
    ]
    first = [(shown[0][0], out / "report-first-screen.png")]
    return shoot("1000", "light", shown) or shoot("800", "dark", screens) or shoot("1000x1000", "light", first)


def check(out: Path, scratch: Path) -> int:
    """One of each kind of page, in the language of longer words; look at the pictures after a change of the design."""
    out.mkdir(parents=True, exist_ok=True)
    more = {f"{path.parent.name}-{path.stem}": str(path) for each in CHECKED for path in sorted(ROOT.glob(each))}
    files = html(reports({**SHOWN, **more}), "pt-BR", scratch)
    worst = shoot("1280", "light", [(file, out / f"{name}.pdf") for name, file in files.items()])
    for width in WIDTHS:
        for theme in THEMES:
            worst |= shoot(str(width), theme, [(file, out / f"{n}-{width}-{theme}.png") for n, file in files.items()])
    print(
        f"{len(files)} reports at {len(WIDTHS)} widths in {len(THEMES)} themes and printed: {'FAIL' if worst else 'ok'}"
    )
    return worst


def main(arguments: list[str]) -> int:
    """Exit code: 0 where every picture is whole."""
    modes = {"images": images, "check": check}
    if len(arguments) != 2 or arguments[0] not in modes:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        return modes[arguments[0]](Path(arguments[1]), Path(scratch))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
