"""Rules that every emitted board must keep, as functions from a board to sentences about its faults.

Partly the rules of Grafana's dashboard-linter, partly lessons of other people's boards. `faults` runs them all.
"""

from __future__ import annotations

import functools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import promql_parser
from jsonschema import Draft7Validator

from harness.programs import ROOT

Json = dict[str, Any]
Board = Json
Rule = Callable[[Board], Iterator[str]]

DATA = ROOT / "tests/data/grafana"
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
SILENT = ("text", "alertlist")  # kinds without queries and units
# Durations that nobody would write, so that they are known again after parsing.
WINDOWS = {"$__rate_interval": timedelta(seconds=433), "$__range": timedelta(seconds=40_027)}
GROWING = ("rate", "irate", "increase")
COUNTER_ENDINGS = ("_total", "_bucket", "_sum", "_count")


@dataclass(frozen=True)
class Exemption:
    """A rule that a panel may break, and why. One that excuses nothing is a fault itself."""

    rule: str
    panel: str
    reason: str


def faults(board: Board, exemptions: Sequence[Exemption] = ()) -> list[str]:
    """What is wrong with a board, one sentence each; a board of the wrong shape is not looked at further."""
    if broken := [f"schema: {sentence}" for sentence in schema(board)]:
        return broken
    found, used = [], set()
    for rule in RULES:
        for sentence in rule(board):
            excuse = next(
                (e for e in exemptions if e.rule == rule.__name__ and sentence.startswith(e.panel + ":")), None
            )
            if excuse:
                used.add(excuse)
            else:
                found.append(f"{rule.__name__}: {sentence}")
    return found + [f"exemption: {e.panel}: {e.rule} has nothing to excuse" for e in exemptions if e not in used]


@functools.cache
def ids() -> Json:
    """Ids that Grafana knows: units, colours, calculations, transformations and so on."""
    known: Json = json.loads((DATA / "ids.json").read_text())
    return known


@functools.cache
def validator() -> Draft7Validator:
    """The strict schema of boards."""
    return Draft7Validator(json.loads((DATA / "dashboard-13.2.schema.json").read_text()))


# ------------------------------------------------------------------------------------- walking a board


def panels(board: Board) -> Iterator[Json]:
    """Every panel but rows, those inside collapsed rows too."""
    for panel in board["panels"]:
        if panel["type"] == "row":
            yield from panel["panels"]
        else:
            yield panel


def queries(board: Board) -> Iterator[tuple[Json, str]]:
    """Every panel query with its panel."""
    for panel in panels(board):
        for target in panel.get("targets", []):
            yield panel, target["expr"]


def variables_of(board: Board) -> list[Json]:
    """The board's variables."""
    held: list[Json] = board["templating"]["list"]
    return held


def substituted(board: Board, expr: str) -> str:
    """A query as Prometheus gets it: windows as odd durations, interval variables as 5m, all others as 1."""
    for name, window in WINDOWS.items():
        seconds = f"{window.total_seconds():.0f}s"
        expr = re.sub(rf"\{name}\b", seconds, expr).replace("${" + name[1:] + "}", seconds)
    expr = re.sub(r"\$__interval\b|\$\{__interval\}", "61s", expr)
    for variable in variables_of(board):
        value = "5m" if variable["type"] == "interval" else "1"
        expr = re.sub(rf"\${variable['name']}\b|\$\{{{variable['name']}(:\w+)?\}}", value, expr)
    return expr


@dataclass(frozen=True)
class Selector:
    """A series selector, and the functions it stands in (innermost last)."""

    name: str
    labels: frozenset[str]
    window: timedelta | None
    functions: tuple[str, ...]


def selectors(board: Board, expr: str) -> list[Selector]:
    """The selectors of a query."""
    found: list[Selector] = []
    stack: list[Any] = []

    def enter(node: Any) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            parent = stack[-1] if stack else None
            window = parent.range if isinstance(parent, promql_parser.MatrixSelector) else None
            functions = tuple(n.func.name for n in stack if isinstance(n, promql_parser.Call))
            labels = frozenset(matcher.name for matcher in node.matchers.matchers)
            found.append(Selector(node.name or "", labels, window, functions))
        stack.append(node)

    def leave(_: Any) -> None:
        stack.pop()

    promql_parser.walk(promql_parser.parse(substituted(board, expr)), enter, leave)
    return found


def _parsed(board: Board) -> Iterator[tuple[str, list[Selector]]]:
    """Title and selectors of each query that parses; the others are `promql`'s."""
    for panel, expr in queries(board):
        try:
            yield panel["title"], selectors(board, expr)
        except ValueError:
            continue


# ------------------------------------------------------------------------------------------- the board


def schema(board: Board) -> Iterator[str]:
    """No key or value that Grafana's own types do not know."""
    for error in validator().iter_errors(board):
        place = list(error.absolute_path)
        titled = board["panels"][place[1]].get("title") if place[:1] == ["panels"] and len(place) > 1 else None
        yield f"{titled or 'board'}: {'.'.join(map(str, place))}: {error.message[:200]}"


def importable(board: Board) -> Iterator[str]:
    """Nothing that stops provisioning, or that one server's export leaves behind."""
    for key in ("__inputs", "__requires", "__elements", "id", "version", "gnetId"):
        if key in board:
            yield f"board: has {key}"
    for key in ("title", "description", "uid", "tags"):
        if not board.get(key):
            yield f"board: has no {key}"
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", board.get("uid", "")):
        yield f"board: uid {board.get('uid')!r} is not one that Grafana takes"
    if board.get("editable") is not False:
        yield "board: is editable"


def datasource_variable(board: Board) -> Iterator[str]:
    """One data source variable, and nothing that asks another source."""
    sources = [variable for variable in variables_of(board) if variable["type"] == "datasource"]
    if [variable["name"] for variable in sources] != ["datasource"]:
        yield f"board: data source variables are {[variable['name'] for variable in sources]}"
    for variable in sources:
        if variable.get("query") != "prometheus":
            yield f"board: data source variable lists {variable.get('query')!r}"
        if not variable.get("current", {}).get("value"):
            yield "board: data source variable has no current value, so nothing loads after provisioning"
    for panel in panels(board):
        asked = [panel.get("datasource"), *(target.get("datasource") for target in panel.get("targets", []))]
        if any(source != DATASOURCE for source in asked):
            yield f"{panel['title']}: asks a fixed data source"
    others = [*(v for v in variables_of(board) if v["type"] == "query"), *_own_annotations(board)]
    for other in others:
        if other.get("datasource") != DATASOURCE:
            yield f"{other['name']}: asks a fixed data source"


def _own_annotations(board: Board) -> list[Json]:
    return [events for events in board["annotations"]["list"] if not events.get("builtIn")]


def variables(board: Board) -> Iterator[str]:
    """`job` is there; All is short, chosen at first, and lists follow the time range."""
    by_name = {variable["name"]: variable for variable in variables_of(board)}
    if by_name.get("job", {}).get("type") != "query":
        yield "job: is not a variable"
    for name, variable in by_name.items():
        if not (variable.get("label") or variable.get("hide")):
            yield f"{name}: has no label"
        if variable["type"] != "query":
            continue
        wanted = {"allValue": ".*", "includeAll": True, "multi": True, "refresh": 2}
        for key, value in wanted.items():
            if variable.get(key) != value:
                yield f"{name}: {key} is {variable.get(key)!r}, not {value!r}"
        if not variable.get("sort"):
            yield f"{name}: is not sorted"
        if variable.get("definition") != variable.get("query", {}).get("query"):
            yield f"{name}: definition and query differ"
        if variable.get("current") != {"text": ["All"], "value": ["$__all"]}:
            yield f"{name}: does not start with All"


def known_variables(board: Board) -> Iterator[str]:
    """Every `$name` is declared here or built in."""
    declared = {variable["name"] for variable in variables_of(board)}
    for panel in panels(board):
        yield from (f"{panel['title']}: ${name} is not declared" for name in sorted(_used(panel) - declared))
    for other in [*variables_of(board), *_own_annotations(board)]:
        yield from (f"{other['name']}: ${name} is not declared" for name in sorted(_used(other) - declared))


def _used(node: Json) -> set[str]:
    found = re.findall(r"\$\{?([A-Za-z_]\w*)", json.dumps(node).replace("$$", ""))
    return {name for name in found if not name.startswith("__")}


# ------------------------------------------------------------------------------------------ the panels


def words(board: Board) -> Iterator[str]:
    """Title and description everywhere: a number without its meaning and limits misleads."""
    for panel in board["panels"]:
        if panel["type"] == "row" and not panel.get("title"):
            yield f"row {panel['id']}: has no title"
    for panel in panels(board):
        for key in ("title", "description"):
            if not panel.get(key, "").strip() and not (panel["type"] == "text" and key == "description"):
                yield f"{panel.get('title') or panel['id']}: has no {key}"


def units(board: Board) -> Iterator[str]:
    """A unit that Grafana knows on every panel with values, and in every override; `suffix:` and text is one too."""
    for panel in panels(board):
        if panel["type"] in SILENT:
            continue
        fields = panel["fieldConfig"]
        set_there = [value for found, value in _overridden(panel) if found == "unit"]
        for unit in [fields["defaults"].get("unit"), *set_there]:
            if unit not in ids()["units"] and not re.fullmatch(r"suffix:\S+", unit or ""):
                yield f"{panel['title']}: unit {unit!r}"


def _overridden(panel: Json) -> Iterator[tuple[str, Any]]:
    for override in panel["fieldConfig"]["overrides"]:
        for prop in override["properties"]:
            yield prop["id"], prop.get("value")


def known_ids(board: Board) -> Iterator[str]:
    """Colours, calculations, matchers, transformations and override ids that Grafana knows; it ignores others."""
    for panel in panels(board):
        title, kind, fields = panel["title"], panel["type"], panel["fieldConfig"]
        options = panel.get("options", {})
        checks = [
            ("override", [found for found, _ in _overridden(panel)], ids()["overrides"].get(kind, [])),
            ("matcher", [override["matcher"]["id"] for override in fields["overrides"]], ids()["matchers"]),
            ("transformation", [t["id"] for t in panel.get("transformations", [])], ids()["transformers"]),
            ("calculation", options.get("reduceOptions", {}).get("calcs", []), ids()["reducers"]),
            ("calculation", options.get("legend", {}).get("calcs", []), ids()["reducers"]),
            ("colour mode", [c["mode"] for c in _values(fields, "color") if isinstance(c, dict)], ids()["colorModes"]),
        ]
        if kind == "heatmap":
            checks.append(("scheme", [options["color"]["scheme"]], ids()["heatmapSchemes"]))
        for what, used, known in checks:
            yield from (f"{title}: {what} {name!r}" for name in used if name not in known)
        colors = [c for c in (*_values(fields, "color"), *_values(fields, "fixedColor")) if isinstance(c, str)]
        for color in colors:
            if color not in ids()["colors"] and not re.fullmatch(r"#[0-9a-fA-F]{6}", color):
                yield f"{title}: colour {color!r}"


def _values(node: Any, key: str) -> Iterator[Any]:
    """Every value under a key, at any depth."""
    if isinstance(node, dict):
        if node.get("id") == key and "value" in node:
            yield node["value"]
        if key in node:
            yield node[key]
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _values(child, key)


def judged_colour(board: Board) -> Iterator[str]:
    """Colour by thresholds only where there is a bound to cross, or a mapped value with a colour."""
    for panel in panels(board):
        defaults = panel["fieldConfig"]["defaults"]
        if defaults.get("color", {}).get("mode") == "thresholds" and len(defaults["thresholds"]["steps"]) < 2:
            yield f"{panel['title']}: is coloured by thresholds and has none"
        for steps in _values(panel["fieldConfig"], "thresholds"):
            if steps["steps"][0]["value"] is not None:
                yield f"{panel['title']}: the first step has a value"


def identity_and_place(board: Board) -> Iterator[str]:
    """Ids are unique, and no two panels share a place on the grid of 24 columns."""
    numbered = Counter(panel["id"] for panel in [*board["panels"], *_inside(board)])
    yield from (f"board: id {number} is given {times} times" for number, times in numbered.items() if times > 1)
    for group in [board["panels"], *(p["panels"] for p in board["panels"] if p["type"] == "row")]:
        taken: dict[tuple[int, int], str] = {}
        for panel in group:
            place, title = panel["gridPos"], panel["title"]
            if place["x"] < 0 or place["y"] < 0 or place["w"] < 1 or place["h"] < 1 or place["x"] + place["w"] > 24:
                yield f"{title}: stands outside the grid"
            cells = {
                (x, y)
                for x in range(place["x"], place["x"] + place["w"])
                for y in range(place["y"], place["y"] + place["h"])
            }
            if over := sorted({taken[cell] for cell in cells & taken.keys()}):
                yield f"{title}: overlaps {', '.join(over)}"
            taken.update(dict.fromkeys(cells, title))
    for panel in board["panels"]:
        if panel["type"] == "row" and not panel["collapsed"] and panel["panels"]:
            yield f"{panel['title']}: is open and holds panels, which Grafana drops"


def _inside(board: Board) -> list[Json]:
    return [child for panel in board["panels"] if panel["type"] == "row" for child in panel["panels"]]


# ----------------------------------------------------------------------------------------- the queries


def targets(board: Board) -> Iterator[str]:
    """Something to ask, under letters that differ."""
    for panel in panels(board):
        held = panel.get("targets", [])
        if panel["type"] in SILENT:
            continue
        if not held or not all(target["expr"].strip() for target in held):
            yield f"{panel['title']}: has no query"
        if len({target["refId"] for target in held}) < len(held):
            yield f"{panel['title']}: two queries have one letter"
        if any(target["instant"] == target["range"] for target in held):
            yield f"{panel['title']}: a query is both instant and over a range, or neither"


def promql(board: Board) -> Iterator[str]:
    """Every query, annotations' too, is PromQL once Grafana has put its variables in."""
    asked = [(panel["title"], expr) for panel, expr in queries(board)]
    for title, expr in [*asked, *((events["name"], events["target"]["expr"]) for events in _own_annotations(board))]:
        try:
            promql_parser.parse(substituted(board, expr))
        except ValueError as error:
            yield f"{title}: {error}"
        if re.search(r"\$\w", substituted(board, expr)):
            yield f"{title}: a variable is left over"


def rate_window(board: Board) -> Iterator[str]:
    """Rates over `$__rate_interval`, which has samples at every zoom; `increase` may take all of `$__range`.

    Or the minutes that the title names.
    """
    for title, found in _parsed(board):
        for selector in found:
            function = selector.functions[-1] if selector.functions else ""
            whole = function == "increase" and (
                selector.window == WINDOWS["$__range"] or _named(selector.window, title)
            )
            if function in GROWING and selector.window not in (WINDOWS["$__rate_interval"], None) and not whole:
                yield f"{title}: {function} of {selector.name} is not over $__rate_interval"


def _named(window: timedelta | None, title: str) -> bool:
    return window is not None and f"in {window.total_seconds() / 60:.0f} minutes" in title


def selection(board: Board) -> Iterator[str]:
    """Every series is narrowed by job, and every query by instance where one can be chosen.

    Not every series of a query: who is compared with others is compared with those that are not looked at, too.
    """
    offered = "instance" in {variable["name"] for variable in variables_of(board)}
    for title, found in _parsed(board):
        for selector in found:
            if "job" not in selector.labels:
                yield f"{title}: {selector.name} is not narrowed by job"
        if offered and not any(s.name.startswith("model:") or "instance" in s.labels for s in found):
            yield f"{title}: {found[0].name} is not narrowed by instance"


def raw_counter(board: Board) -> Iterator[str]:
    """A counter says something only through its growth; the count since start does not."""
    for title, found in _parsed(board):
        for selector in found:
            if selector.window is None and selector.name.endswith(COUNTER_ENDINGS):
                yield f"{title}: {selector.name} is shown as counted since the start"


def false_calm(board: Board) -> Iterator[str]:
    """Nothing that turns no data, or a division by nothing, into a good number; no name pattern, which some refuse."""
    for panel, expr in queries(board):
        for pattern in (r"or\s+(on\s*\(\)\s*)?vector\(0\)", r"/\s*\(?\s*clamp_min\b", r"__name__\s*=~"):
            if found := re.search(pattern, expr):
                yield f"{panel['title']}: {found[0]}"


RULES: tuple[Rule, ...] = (
    schema,
    importable,
    datasource_variable,
    variables,
    known_variables,
    words,
    units,
    known_ids,
    judged_colour,
    identity_and_place,
    targets,
    promql,
    rate_window,
    selection,
    raw_counter,
    false_calm,
)
