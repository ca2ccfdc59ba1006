"""Texts that a user reads keep to the words of CONTRIBUTING: its table of patterns is what is looked for."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.programs import ROOT
from recordings import reported
from vllm_observability.command.cli import main
from vllm_observability.render.docs.reference import reference_pages
from vllm_observability.render.report.text import report_text
from vllm_observability.settings import Settings

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
PACKAGE = ROOT / "generator/vllm_observability"
WRITTEN = ("README.md", "docs/*.md", "deploy/**/README.md", "deploy/recipes/*", "tools/*/README.md")
EMITTED = (
    "alerts/**/*",
    "deploy/helm/**/*.md",
    "deploy/helm/**/values.yaml",
    "deploy/compose/**/*.y*ml",
    "deploy/*/*.yml",
)
MEASURED = ("docs/cost.md", "docs/scorecard.md")  # written by tools, and only for a release


def _patterns() -> dict[str, tuple[re.Pattern[str], str]]:
    """Each pattern of the table with what to write instead."""
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \|", CONTRIBUTING.split("fails where a text", 1)[1], re.MULTILINE)
    return {text: (re.compile(text.replace(r"\|", "|"), re.MULTILINE), instead) for text, instead in rows}


PATTERNS = _patterns()


def _files() -> Iterator[tuple[str, str]]:
    for pattern in (*WRITTEN, *EMITTED):
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file() and str(path.relative_to(ROOT)) not in MEASURED:
                yield str(path.relative_to(ROOT)), path.read_text()
    yield "CONTRIBUTING.md", CONTRIBUTING.split("## Words")[0]


def _code() -> Iterator[tuple[str, str]]:
    """What the package can say: its literals that are sentences, joined as the reader sees them; no docstrings."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text())
        inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        docs = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if id(node) in docs or id(node) in inside:
                continue
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value
            if isinstance(node, ast.JoinedStr):
                parts = [p.value if isinstance(p, ast.Constant) else "{}" for p in node.values]
                yield f"{path.relative_to(ROOT)}:{node.lineno}", "".join(map(str, parts))


def _reports() -> Iterator[tuple[str, str]]:
    """What the report says of every page, joined where lines were broken."""
    data = ROOT / "tests/data"
    for path in sorted([*data.glob("pages/*/*.txt"), *data.glob("oddities/*.txt"), *data.glob("cases/*/*.txt")]):
        yield str(path.relative_to(ROOT)), " ".join(report_text(reported(path), width=1000).split())


def _help() -> Iterator[tuple[str, str]]:
    yield from reference_pages(Settings(), main).items()


@functools.cache  # asked for by tests, not by every worker that collects them
def _texts() -> list[tuple[str, str]]:
    return [*_files(), *_code(), *_help(), *_reports()]


def test_there_is_something_to_read() -> None:
    """A gate that looks at nothing must not pass."""
    assert len(PATTERNS) >= 15
    assert len(_texts()) > 1500
    assert len({Path(name).parent for name, _ in _texts()}) > 20


@pytest.mark.parametrize("pattern", PATTERNS)
def test_no_text_stops_a_hurried_reader(pattern: str) -> None:
    """Every hit with its place and what to write instead."""
    expression, instead = PATTERNS[pattern]
    hits = [
        f"{name}: …{text[max(0, hit.start() - 30) : hit.end() + 30]!r}… write: {instead}"
        for name, text in _texts()
        for hit in expression.finditer(text)
    ]
    assert [] == hits, "\n".join(hits)


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("not asked, for they read recorded series", True),
        ("Of text, Markdown and HTML.", True),
        ("use it in place of a page", True),
        ("Vllm:num_requests_running rose", True),
        ("Http_request_duration_seconds is given twice", True),
        ("a threshold above the bound (bound 3)", True),
        ("the last bucket bound", False),
        ("with at least 1 running requests", True),
        ("with at least 1 running request", False),
        ("a setting for the scrape job, because it is slow", False),
        ("Of course.", False),
    ],
)
def test_the_patterns_find_what_they_are_for(sentence: str, found: bool) -> None:
    """The worst sentences of a review, and harmless ones beside them."""
    assert found == any(expression.search(sentence) for expression, _ in PATTERNS.values())
