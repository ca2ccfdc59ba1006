"""Ways in which a board misleads, found in its text alone: functions from a board to sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import promql_parser

from harness import boardlint
from harness.boardlint import Board
from vllm_observability.settings.durations import seconds

# What a title says of a choice that its panel can't obey, and the variables that this excuses.
UNOBEYED = {
    ", all models": ("model_name", "instance", "engine"),
    ", all servers": ("instance", "engine"),
}
RECORDED_RATE = re.compile(r"(engine|model):vllm_\w+:\w*rate(\d+[smhd])")
SCRAPES = 4  # in a window, so that one that fails leaves two


def faults(board: Board, scrape_interval: str = "15s") -> list[str]:
    """What is wrong with a board, one sentence each."""
    found = [f"{rule.__name__}: {sentence}" for rule in RULES for sentence in rule(board)]
    return found + [f"scrapes: {sentence}" for sentence in scrapes(board, scrape_interval)]


def plain_title(title: str) -> str:
    """A title without what it says of choices."""
    return next((title.removesuffix(words) for words in UNOBEYED if title.endswith(words)), title)


def bound(expr: str) -> bool:
    """Whether a query is a bound that is drawn beside values: bounds are of models."""
    return re.match(r"max by \(severity\) \(\s*model:\w+:threshold", expr) is not None


def one_window(board: Board) -> Iterator[str]:
    """Both sides of an operator look back equally far, or what they say together is true of no time."""
    for panel, expr in boardlint.queries(board):
        tree = promql_parser.parse(boardlint.substituted(board, expr))
        for windows in _operands(tree):
            if len(windows) > 1:
                yield f"{panel['title']}: reads {' and '.join(sorted(windows))} in one number"


def _operands(tree: Any) -> Iterator[set[str]]:
    """Windows of both sides of each arithmetic operator."""
    held: list[set[str]] = []

    def enter(node: Any) -> None:
        if isinstance(node, promql_parser.BinaryExpr) and str(node.op) in ("/", "*", "+", "-"):
            held.append(_windows(node.lhs) | _windows(node.rhs))

    promql_parser.walk(tree, enter)
    yield from held


def _windows(tree: Any) -> set[str]:
    """How far the rates of an expression look back, as text; gauges look back nowhere."""
    found: set[str] = set()
    stack: list[Any] = []

    def enter(node: Any) -> None:
        if isinstance(node, promql_parser.VectorSelector) and (rate := RECORDED_RATE.match(node.name or "")):
            found.add(rate[2])
        if isinstance(node, promql_parser.MatrixSelector):
            functions = [each.func.name for each in stack if isinstance(each, promql_parser.Call)]
            if functions and functions[-1] in boardlint.GROWING:
                found.add(f"{node.range.total_seconds():.0f}s")
        stack.append(node)

    def leave(_: Any) -> None:
        stack.pop()

    promql_parser.walk(tree, enter, leave)
    return found


def obeyed(board: Board) -> Iterator[str]:
    """Every query looks at every variable that is offered, or the title says that it does not."""
    offered = [variable["name"] for variable in boardlint.variables_of(board) if variable["type"] == "query"]
    for panel, expr in boardlint.queries(board):
        excused = next((names for words, names in UNOBEYED.items() if panel["title"].endswith(words)), ())
        for name in offered:
            if not bound(expr) and name not in excused and not re.search(rf"\${name}\b", expr):
                yield f"{panel['title']}: does not look at ${name}"


def scrapes(board: Board, scrape_interval: str) -> Iterator[str]:
    """`$__rate_interval` holds four scrapes, whatever the data source says of its own."""
    wanted = SCRAPES * (seconds(scrape_interval) or 0)
    for panel in boardlint.panels(board):
        for target in panel.get("targets", []):
            own = SCRAPES * (seconds(target.get("interval", "")) or 0)  # as Grafana works it out
            if own < wanted:
                yield f"{panel['title']}: rates may be over {own:g} s, less than four scrapes"


RULES: tuple[Callable[[Board], Iterator[str]], ...] = (one_window, obeyed)
