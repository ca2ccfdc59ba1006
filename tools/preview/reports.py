#!/usr/bin/env python3
"""Reports as pictures: HTML in every language, and a terminal.

usage: reports.py OUT [NAME=PAGE]…
Without pages: an overloaded server, a quiet reference page, an older version, and one with two engines.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from vllm_observability.pages.sources import Access, read
from vllm_observability.render.report.html import report_html
from vllm_observability.render.report.text import report_text
from vllm_observability.report import analyse
from vllm_observability.settings import Settings
from vllm_observability.words.languages import LANGUAGES

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PAGES = {
    "overload": "examples/vllm-0.32.0.txt",
    "reference": "tests/data/oddities/00-reference.txt",
    "older": "tests/data/pages/vllm-0.10.2/loaded.txt",
    "two-engines": "tests/data/pages/vllm-0.32.0-dp2/loaded.txt",
}


def main(arguments: list[str]) -> int:
    """Three pictures of each report, and the first screen of the first."""
    if not arguments:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    out, wanted = Path(arguments[0]), dict(word.split("=", 1) for word in arguments[1:]) or PAGES
    settings = Settings()
    with tempfile.TemporaryDirectory() as scratch:
        pages, terminals = [], []
        for name, path in wanted.items():
            report = analyse(*read([path], Access(), settings.limits, None), settings)
            for code, language in LANGUAGES.items():
                page, screen = Path(scratch, f"{name}-{code}.html"), Path(scratch, f"{name}-{code}-terminal.html")
                page.write_text(report_html(report, language=language), encoding="utf-8")
                console = Console(file=io.StringIO(), record=True, width=82, force_terminal=True)
                console.print(Text.from_ansi(report_text(report, color=True, width=80, language=language)))
                console.save_html(str(screen), theme=MONOKAI, inline_styles=True)
                pages += [str(page), str(out / f"report-{name}-html-{code}.png")]
                if code == "en":
                    terminals += [str(screen), str(out / f"report-{name}-terminal.png")]
        first = [pages[0], str(out / "report-first-screen.png")]
        shots = (["1000", "light", *pages], ["800", "dark", *terminals], ["1000x1000", "light", *first])
        return max(subprocess.run(["node", str(HERE / "page.mjs"), *shot], check=False).returncode for shot in shots)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
