"""What a story's score is made of, by meaning: expressions, holds and labels of the alerts that its series can reach,
what its fleet shows, and the simulator's numbers. Prose (summaries, descriptions, comments, docstrings) is no part.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import promql_parser as promql

from harness.programs import ROOT
from vllm_observability.catalog import metrics
from vllm_observability.model import Kind, Part
from vllm_observability.simulate.hardware import PRESETS
from vllm_observability.simulate.server import Setup
from vllm_observability.simulate.story import Story, changed, duration

SIMULATOR = ROOT / "generator/vllm_observability/simulate"
# Prometheus adds these to every scrape; `scrape` of a simulated fleet gives no others.
SCRAPED = ("up", "scrape_duration_seconds", "scrape_samples_scraped")
# Functions that give an answer where their argument has no series.
ANSWER_NOTHING = frozenset({"absent", "absent_over_time", "vector", "time", "scalar", "pi"})
_TYPES = frozenset({"returns", "annotation", "type_comment", "type_params"})  # of code, for its readers
_SILENT = _TYPES | {"ctx", "kind"}


@dataclass(frozen=True)
class MadeOf:
    """Fingerprints. `alerts`: of each alert that a story's series can reach; `samples`: of every number they read."""

    story: str
    code: str
    alerts: Mapping[str, str]
    samples: str = ""

    def differs(self, now: MadeOf) -> tuple[str, ...]:
        """What has changed since, in words; empty where a score made of this holds now."""
        names = sorted(self.alerts.keys() | now.alerts.keys())
        moved = [name for name in names if self.alerts.get(name) != now.alerts.get(name)]
        story = ["the story"] if self.story != now.story else []
        code = [CODE] if self.code != now.code else []
        return (*story, *moved, *code)


CODE = "the simulator's code"


def digest(*parts: str, size: int = 16) -> str:
    """A short fingerprint of texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:size]


# --------------------------------------------------------------------------------------------------- story


def story_meaning(story: Story) -> str:
    """A fingerprint of a story without its prose; its settings count by the rules that they give."""
    return digest(_chosen_fields(replace(story, title="", story="", settings={})))


def _chosen_fields(held: Any) -> str:
    """A value as text; of a record only what is not the default, so that a new field changes no story without it."""
    if is_dataclass(held):
        told = ((f.name, getattr(held, f.name)) for f in fields(held) if getattr(held, f.name) != _default(f))
        return f"{{{', '.join(f'{name}: {_chosen_fields(value)}' for name, value in told)}}}"
    if isinstance(held, Mapping):
        return f"{{{', '.join(f'{key}: {_chosen_fields(held[key])}' for key in sorted(held))}}}"
    if isinstance(held, list | tuple):
        return f"[{', '.join(map(_chosen_fields, held))}]"
    return repr(held)


def _default(found: Field[Any]) -> Any:
    return found.default if found.default_factory is MISSING else found.default_factory()


def shows(story: Story) -> dict[str, str]:
    """Name of each series that a story's fleet can expose -> how: kind, labels and buckets."""
    found: dict[str, set[str]] = {name: {"scraped"} for name in SCRAPED}
    for setup in _setups(story):
        for name, how in _shown(setup).items():
            found.setdefault(name, set()).add(how)
    return {name: "; ".join(sorted(ways)) for name, ways in found.items()}


def _setups(story: Story) -> list[Setup]:
    """How servers are started in a story, at its beginning and by its events."""
    found: list[Setup] = []
    for group in story.fleet:
        known = [changed(Setup(model=group.model), group)]
        for event in sorted(story.events, key=lambda event: duration(event.at)):
            if event.setup and event.model in ("", group.model):
                known += [new for new in [changed(setup, event) for setup in known] if new not in known]
        found += [setup for setup in known if setup not in found]
    return found


def _shown(setup: Setup) -> dict[str, str]:
    shown, hardware = setup.shown, PRESETS[setup.hardware]
    found: dict[str, str] = {}
    for metric in metrics.ALL:
        for name in shown.names(metric):
            if not setup.stats and name.startswith(setup.prefix):
                continue
            observed = metric.kind in (Kind.HISTOGRAM, Kind.SUMMARY)
            bounds = shown.bounds(metric, hardware) if observed else ()
            parts = [Part.COUNT.value, Part.SUM.value, *([Part.BUCKET.value] if bounds else [])] if observed else [""]
            how = f"{metric.kind.value} {','.join(metric.labels)} {','.join(map(str, bounds))}"
            found |= dict.fromkeys([name + part for part in parts], how)
    return found


# --------------------------------------------------------------------------------------------------- rules


@dataclass(frozen=True)
class Reached:
    """What a story's series can reach: alert -> its fingerprint; names of the series that these alerts read."""

    alerts: Mapping[str, str]
    reads: frozenset[str]


def reached(rules: Sequence[Mapping[str, Any]], shown: Mapping[str, str]) -> Reached:
    """Alerts that can have an answer where only these series exist, and what of their expressions can have one."""
    reader = _Reader(rules, shown)
    found: dict[str, list[str]] = {}
    for rule in rules:
        meaning = reader.rule(rule) if "alert" in rule else None
        if meaning is not None:
            found.setdefault(rule["alert"], []).append(meaning)
    return Reached({name: digest(*texts, size=8) for name, texts in sorted(found.items())}, frozenset(reader.reads))


class _Reader:
    """Expressions as text without the parts that can't have an answer; None where the whole has none.

    A recorded name stands for the rules that record it, so that whoever reads it changes with them.
    """

    def __init__(self, rules: Sequence[Mapping[str, Any]], shown: Mapping[str, str]) -> None:
        self._shown, self.reads = shown, set[str]()
        self._recording: dict[str, list[Mapping[str, Any]]] = {}
        for rule in rules:
            if "record" in rule:
                self._recording.setdefault(rule["record"], []).append(rule)
        self._known: dict[str, tuple[str, frozenset[str]] | None] = {}

    def rule(self, rule: Mapping[str, Any]) -> str | None:
        """An alert's meaning: what it asks, for how long, and whom it tells."""
        said = self._of(rule["expr"])
        if said is None:
            return None
        self.reads |= said[1]
        return digest(said[0], *_chosen(rule))

    def _of(self, expr: str) -> tuple[str, frozenset[str]] | None:
        return self._node(_parsed(expr))

    def _series(self, name: str) -> tuple[str, frozenset[str]] | None:
        """A name's meaning, and the scraped series behind it."""
        if name not in self._recording:
            return (self._shown[name], frozenset({name})) if name in self._shown else None
        if name not in self._known:
            self._known[name] = None  # what reads only itself has nothing to begin with
            said = [(self._of(rule["expr"]), _chosen(rule)) for rule in self._recording[name]]
            able = [(found, chosen) for found, chosen in said if found is not None]
            if able:
                texts = [digest(found[0], *chosen) for found, chosen in able]
                self._known[name] = (digest(*texts), frozenset().union(*(found[1] for found, _ in able)))
        return self._known[name]

    def _node(self, node: Any) -> tuple[str, frozenset[str]] | None:
        if isinstance(node, promql.VectorSelector):
            if not node.name:  # by labels alone: it may be anything
                return node.prettify(), frozenset()
            held = self._series(node.name)
            return None if held is None else (f"{node.prettify()} <{held[0]}>", held[1])
        if isinstance(node, promql.BinaryExpr):
            return self._binary(node)
        if isinstance(node, promql.NumberLiteral | promql.StringLiteral):
            return str(node), frozenset()
        children = _children(node)
        found = [self._node(child) for child in children]
        name = node.func.name if isinstance(node, promql.Call) else ""
        if None in found and name not in ANSWER_NOTHING:
            return None
        able = [one for one in found if one is not None]
        return f"{_head(node)}({', '.join(one[0] for one in able)})", _reads(able)

    def _binary(self, node: Any) -> tuple[str, frozenset[str]] | None:
        left, right, op = self._node(node.lhs), self._node(node.rhs), str(node.op)
        if op == "or" and (left is None or right is None):
            return left or right
        if op == "unless" and right is None:
            return left
        if left is None or right is None:
            return None
        return f"({left[0]}) {_head(node)} ({right[0]})", _reads([left, right])


@cache
def _parsed(expr: str) -> Any:
    return promql.parse(expr)


def _reads(found: Iterable[tuple[str, frozenset[str]]]) -> frozenset[str]:
    return frozenset().union(*(one[1] for one in found))


def _children(node: Any) -> list[Any]:
    if isinstance(node, promql.Call):
        return list(node.args)
    if isinstance(node, promql.MatrixSelector):
        return [node.vector_selector]
    return [child for child in (getattr(node, "param", None), node.expr) if child is not None]


def _head(node: Any) -> str:
    """A node's own text: what is left when its children are taken out of the whole."""
    text = str(node)
    children = [node.lhs, node.rhs] if isinstance(node, promql.BinaryExpr) else _children(node)
    for child in children:
        text = text.replace(str(child), "", 1)
    return " ".join(text.split())


def _chosen(rule: Mapping[str, Any]) -> tuple[str, ...]:
    labels = rule.get("labels", {})
    return (
        str(rule.get("for", "0s")), str(rule.get("keep_firing_for", "0s")),
        *(f"{key}={labels[key]}" for key in sorted(labels)),
    )  # fmt: skip


# ----------------------------------------------------------------------------------------------- simulator


@cache
def simulator_code(folder: Path = SIMULATOR) -> str:
    """A fingerprint of the code that makes numbers, without comments, docstrings and types: what `fleet` imports."""
    return digest(*(code_meaning(path.read_text()) for path in _imported(folder, "fleet")))


def code_meaning(source: str) -> str:
    """Code as text in which comments, docstrings, types and layout do not count; the same for every Python."""
    return _said(ast.parse(source))


def _imported(folder: Path, first: str) -> list[Path]:
    found, ahead = set[str](), [first]
    while ahead:
        name = ahead.pop()
        if name in found or not (folder / f"{name}.py").is_file():
            continue
        found.add(name)
        for node in ast.walk(ast.parse((folder / f"{name}.py").read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                package, _, last = node.module.rpartition(".")
                ahead += [last] if package.endswith(folder.name) else []
                ahead += [alias.name for alias in node.names] if last == folder.name else []
    return [folder / f"{name}.py" for name in sorted(found)]


def _said(node: Any) -> str:
    if isinstance(node, list):
        return "[" + ",".join(_said(item) for item in node) + "]"
    if not isinstance(node, ast.AST):
        return repr(node)
    if isinstance(node, ast.AnnAssign):
        value = "" if node.value is None else _said(node.value)
        return f"{_said(node.target)}:={value}"
    body = getattr(node, "body", None)
    documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    without = body[1:] if documented and isinstance(body, list) and ast.get_docstring(node) is not None else body  # type: ignore[arg-type]
    fields = ((name, without if name == "body" else held) for name, held in ast.iter_fields(node))
    told = [f"{name}={_said(held)}" for name, held in fields if name not in _SILENT and held not in (None, [])]
    return f"{type(node).__name__}({','.join(told)})"


class Samples:
    """A running fingerprint of samples; the last digits, which differ between machines, do not count."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, at: int, samples: Iterable[tuple[str, float]]) -> None:
        """The samples of one scrape of everything."""
        self._hash.update(f"{at}\n".encode())
        self._hash.update("".join(f"{series} {value:.11g}\n" for series, value in samples).encode())

    def __str__(self) -> str:
        return self._hash.hexdigest()[:16]
