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
COLUMNS = 24  # of Grafana's grid
PER_SECOND = ("reqps", "Bps", "flops", "suffix:/s")
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
    narrow = offered[
        offered.index("model_name") :
    ]  # from wide to narrow: then what the site calls a server, and engines
    for panel, expr in boardlint.queries(board):
        excused = narrow if panel["title"].endswith(", all models") else []
        excused = narrow[1:] if panel["title"].endswith(", all servers") else excused
        for name in offered:
            if not bound(expr) and name not in excused and not re.search(rf"\${name}\b", expr):
                yield f"{panel['title']}: does not look at ${name}"


def pairs(board: Board) -> Iterator[str]:
    """No quotient of one engine's number and another's, none over the average of unlike models."""
    for panel, expr in boardlint.queries(board):
        for node in _divisions(promql_parser.parse(boardlint.substituted(board, expr))):
            over, under = _picked(node.lhs), _picked(node.rhs)
            if under is not None and not {"model_name", "instance"} & under:
                yield f"{panel['title']}: divides by what is true of no model"
            both = over is not None and under is not None and "instance" not in over & under
            if both and _extreme(node.lhs) and _extreme(node.rhs):
                yield f"{panel['title']}: divides one engine's number by another's"


def _divisions(tree: Any) -> list[Any]:
    found: list[Any] = []

    def enter(node: Any) -> None:
        if isinstance(node, promql_parser.BinaryExpr) and str(node.op) == "/":
            found.append(node)

    promql_parser.walk(tree, enter)
    return found


def _aggregate(tree: Any) -> Any:
    """The aggregation that a side of an operator is, whatever it is compared with or taken from; None for another."""
    while isinstance(tree, (promql_parser.ParenExpr, promql_parser.BinaryExpr)):
        if isinstance(tree, promql_parser.ParenExpr):
            tree = tree.expr
        else:
            tree = tree.rhs if isinstance(tree.lhs, promql_parser.NumberLiteral) else tree.lhs
    return tree if isinstance(tree, promql_parser.AggregateExpr) else None


def _picked(tree: Any) -> set[str] | None:
    """Labels that are left of an aggregation that picks or averages; None where it adds up, or is none."""
    found = _aggregate(tree)
    if found is None or str(found.op) not in ("max", "min", "avg", "count"):
        return None
    return set(found.modifier.labels) if found.modifier else set()


def _extreme(tree: Any) -> bool:
    return str(_aggregate(tree).op) in ("max", "min")


def dates(board: Board) -> Iterator[str]:
    """Grafana reads a date as milliseconds, where metrics have seconds."""
    for panel in boardlint.panels(board):
        units = [panel["fieldConfig"]["defaults"].get("unit", "")]
        units += [p["value"] for o in panel["fieldConfig"]["overrides"] for p in o["properties"] if p["id"] == "unit"]
        if any(unit.startswith("dateTime") for unit in units):
            for target in panel["targets"]:
                if not re.match(r"1000 \*", target["expr"]):
                    yield f"{panel['title']}: shows seconds as a date"


def alike(board: Board) -> Iterator[str]:
    """Rows of a table show every label by which its queries tell them apart, and links pass what is the row's own."""
    scope = [v["name"] for v in boardlint.variables_of(board) if v["type"] == "query"][:-1]
    for panel in boardlint.panels(board):
        if panel["type"] != "table":
            continue
        organize = next(t for t in panel["transformations"] if t["id"] == "organize")["options"]
        hidden = {name for name, gone in organize["excludeByName"].items() if gone}
        located = "where" in organize["indexByName"]  # one column that says it of alerts
        tree = promql_parser.parse(boardlint.substituted(board, panel["targets"][0]["expr"]))
        grouped = _grouped(tree)
        address = {"instance"} if "pod" in grouped else set()  # a server that has a name needs none
        for label in sorted(grouped & hidden - address):
            if not located:
                yield f"{panel['title']}: rows that differ in {label} look alike"
        for override in panel["fieldConfig"]["overrides"]:
            links = [prop["value"] for prop in override["properties"] if prop["id"] == "links"]
            for link in (each for given in links for each in given):
                if not link["url"].startswith("/d/"):
                    continue
                for label in {"cluster", "namespace", "job"} & set(scope) & grouped:
                    if f"var-{label}=${{__data.fields.{label}" not in link["url"]:
                        yield f"{panel['title']}: a link does not pass the row's {label}"


def _grouped(tree: Any) -> set[str]:
    """Labels of the outermost aggregation that names some."""
    found: list[set[str]] = []

    def enter(node: Any) -> None:
        if isinstance(node, promql_parser.AggregateExpr) and node.modifier and not found:
            found.append(set(node.modifier.labels))

    promql_parser.walk(tree, enter)
    return found[0] if found else set()


def worst_first(board: Board) -> Iterator[str]:
    """Severities are no words to sort by: critical, info, warning."""
    for panel in boardlint.panels(board):
        sorts = panel.get("options", {}).get("sortBy", []) if panel["type"] == "table" else []
        if any(each["displayName"] == "Severity" for each in sorts):
            yield f"{panel['title']}: sorts severities as text"


def long_legends(board: Board) -> Iterator[str]:
    """A line for each engine or server: a hundred names in a list would fill the graph, in a table they scroll."""
    for panel in boardlint.panels(board):
        each = panel["type"] == "timeseries" and "{{instance}}" in panel["targets"][0]["legendFormat"]
        if each and panel["options"]["legend"]["displayMode"] != "table":
            yield f"{panel['title']}: lists every engine under the graph"


def runbooks(board: Board) -> Iterator[str]:
    """A panel that is judged leads to what to do about it."""
    for panel in boardlint.panels(board):
        judged = panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])
        lines = any(bound(target["expr"]) for target in panel.get("targets", []))
        drawn = panel["type"] in ("timeseries", "stat") and (len(judged) > 1 or lines)
        if drawn and not any("runbook" in link["url"] for link in panel.get("links", [])):
            yield f"{panel['title']}: is judged, and leads to no runbook"


# Pixels: a screen of 1440, a letter, and what stands beside a title (a sign for the description, one for links) or a
# heading (a sign for sorting).
SCREEN, LETTER, BESIDE_TITLE, BESIDE_HEADING = 1440 - 32, 7.1, 58, 22


def cut_off(board: Board) -> Iterator[str]:
    """Titles of tiles and headings of tables have the room that they need on a screen of 1440 pixels."""
    for panel in boardlint.panels(board):
        room = panel["gridPos"]["w"] * SCREEN / 24 - 8
        if panel["type"] == "stat" and len(panel["title"]) * LETTER + BESIDE_TITLE > room:
            yield f"{panel['title']}: is longer than its tile"
        if panel["type"] == "table":
            for heading, width in _columns(panel, room):
                if len(heading) * LETTER + BESIDE_HEADING > width:
                    yield f"{panel['title']}: {heading} has {width:.0f} pixels"


def _columns(panel: Any, room: float) -> list[tuple[str, float]]:
    """Headings and how wide Grafana draws them: those without a width share the rest."""
    organize = next(t for t in panel["transformations"] if t["id"] == "organize")["options"]
    fields = [name for name in organize["indexByName"] if not organize["excludeByName"].get(name)]
    headings = [organize["renameByName"].get(name, name) for name in fields]
    given = {
        override["matcher"]["options"]: prop["value"]
        for override in panel["fieldConfig"]["overrides"]
        for prop in override["properties"]
        if prop["id"] == "custom.width"
    }
    free = [heading for heading in headings if heading not in given]
    share = (room - sum(given.get(heading, 0) for heading in headings)) / max(1, len(free))
    return [(heading, given.get(heading, share)) for heading in headings]


def gaps(board: Board) -> Iterator[str]:
    """Panels that stand side by side fill the width, and none is higher than the others."""
    lines: dict[tuple[str, int], list[Any]] = {}
    for row, panel in _in_rows(board):
        lines.setdefault((row, panel["gridPos"]["y"]), []).append(panel)
    for line in lines.values():
        if sum(panel["gridPos"]["w"] for panel in line) != COLUMNS or len({p["gridPos"]["h"] for p in line}) > 1:
            yield f"{line[-1]['title']}: leaves a gap beside it"


def spans(board: Board) -> Iterator[str]:
    """A row over the time shown adds up; where it has rates its title says so."""
    for row, panel in _in_rows(board):
        rate = panel["fieldConfig"]["defaults"].get("unit") in PER_SECOND
        if rate and "time shown" in row and "per second" not in row:
            yield f"{panel['title']}: shows rates in a row that promises sums"


def _in_rows(board: Board) -> Iterator[tuple[str, Any]]:
    """Each panel with the title of its row, open or closed."""
    row = ""
    for panel in board["panels"]:
        row = panel["title"] if panel["type"] == "row" else row
        yield from ((row, each) for each in (panel["panels"] if panel["type"] == "row" else [panel]))


def colours(board: Board) -> Iterator[str]:
    """What is fine has no colour, so that hue alone tells no two states apart; what is red says why in a word."""
    for panel in boardlint.panels(board):
        defaults = panel["fieldConfig"]["defaults"]
        steps = [*defaults.get("thresholds", {}).get("steps", [])]
        for override in panel["fieldConfig"]["overrides"]:
            steps += [s for p in override["properties"] if p["id"] == "thresholds" for s in p["value"]["steps"]]
            fixed = [p["value"].get("fixedColor") for p in override["properties"] if p["id"] == "color"]
            named = override["matcher"]["options"]
            if "red" in fixed and not re.search("error|critical|5xx|severity", named):
                yield f"{panel['title']}: {named} is red, and no trouble"
        if any("green" in step["color"] for step in steps):
            yield f"{panel['title']}: is green where nothing is wrong"
        if panel["type"] == "timeseries" and defaults["color"]["mode"] == "palette-classic":
            yield f"{panel['title']}: a model has another colour than on the next board"


def scrapes(board: Board, scrape_interval: str) -> Iterator[str]:
    """`$__rate_interval` holds four scrapes, whatever the data source says of its own."""
    wanted = SCRAPES * (seconds(scrape_interval) or 0)
    for panel in boardlint.panels(board):
        for target in panel.get("targets", []):
            own = SCRAPES * (seconds(target.get("interval", "")) or 0)  # as Grafana works it out
            if own < wanted:
                yield f"{panel['title']}: rates may be over {own:g} s, less than four scrapes"


RULES: tuple[Callable[[Board], Iterator[str]], ...] = (
    one_window,
    obeyed,
    pairs,
    dates,
    alike,
    worst_first,
    long_legends,
    runbooks,
    cut_off,
    gaps,
    spans,
    colours,
)
