"""Every sentence that a report can say, as the template under which it is translated."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from vllm_observability.catalog import beside, checks, figures, notices, signals, slo
from vllm_observability.render.report import author

PACKAGE = Path(author.__file__).resolve().parents[2]
FILES = (
    *(path for room in ("report", "compare", "capacity", "review") for path in sorted((PACKAGE / room).glob("*.py"))),
    *(
        PACKAGE / "render/report" / name
        for name in ("author.py", "glance.py", "html.py", "live.py", "comparison.py", "capacity.py", "objectives.py")
    ),
    *sorted((PACKAGE / "render/review").glob("*.py")),
    PACKAGE / "pages/snapshot.py",
)


def templates() -> set[str]:
    """English templates from the code and from the rows that reports quote."""
    return {text for text in (*_said(), *_labels(), *_rows()) if any(c.isalpha() for c in text.replace("{", " "))}


def _said() -> Iterator[str]:
    """First arguments of `say(…)`: literal, by the language's own reader."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and _name(node.func) in ("say", "_para", "_row"):
                yield from _literals(node.args[0])
            if isinstance(node, ast.Call) and _name(node.func) == "_section":
                yield from _literals(node.args[1])


def _name(node: ast.expr) -> str:
    return getattr(node, "attr", None) or getattr(node, "id", "")


def _literals(node: ast.expr) -> Iterator[str]:
    yield from (n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str))


def _labels() -> Iterator[str]:
    """Words that the document looks up in its tables, and those of the figures."""
    yield from (*author.AREAS.values(), *author.VERDICTS, *author.STATES, *author.SEVERITIES)
    yield from (latency.title for latency in figures.LATENCIES)
    for row in figures.ALL:
        yield row.title
        if any(c.isalpha() for c in row.template.replace("{value}", "")):
            yield row.template


def _rows() -> Iterator[str]:
    """What findings quote of checks: a Prometheus can answer all of them."""
    for check in (*checks.ALL, *beside.CHECKS):
        yield from (check.title, check.signal.title, check.cause, check.advice)
    for budget in slo.BUDGETS:
        yield from (budget.title, budget.advice)
    for notice in notices.ALL:
        yield from (notice.title, notice.cause, notice.advice)
    yield from (signal.title for signal in (signals.CORRUPTED, signals.REJECTED, *signals.TRANSFERS_FAILED))
