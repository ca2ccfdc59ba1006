"""The two forms of a board: over raw series, where it works alone, and over recorded ones, where it costs little."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import singledispatch

from vllm_observability.catalog import signals as s
from vllm_observability.catalog import slo
from vllm_observability.catalog.boards.layout import Bars, Board, Chart, Event, FormName, Grouping, Heatmap, Table, Tile
from vllm_observability.model import (
    Bound,
    Check,
    Growth,
    Leaf,
    Level,
    Matcher,
    Metric,
    Node,
    Over,
    Part,
    Present,
    Quantile,
    Scope,
    Severity,
    Signal,
    Spend,
    Unit,
    leaves,
    metrics,
    only_recorded,
    parts,
)
from vllm_observability.queries.promql import (
    Compound,
    Reader,
    Recorded,
    aggregate,
    either,
    fold,
    guarded,
    operand,
    selector,
)
from vllm_observability.queries.recorded import Plan, labels_of, threshold_name
from vllm_observability.rules.budgets import (
    bad_name,
    events,
    events_name,
    fitting,
    left_name,
    objective_name,
    objectives_of,
)
from vllm_observability.settings import Objective, Settings
from vllm_observability.settings.reasons import reason
from vllm_observability.words.phrases import English

WINDOW = "$__rate_interval"
_WINDOWS = {"short": WINDOW, "rate_window": WINDOW}
RANGE = "$__range"
RANKS: dict[Severity, int] = {"critical": 3, "warning": 2, "info": 1}


@dataclass(frozen=True)
class Form:
    """How the queries of a set of boards are written, `raw` or `fleet`.

    `servers`: a viewer can choose servers and, `by_engine`, engines, so every query must know them.
    `measure` says a bound in words, `why` the reason for it.
    """

    name: FormName
    settings: Settings
    planned: Plan
    servers: bool = True
    by_engine: bool = True
    measure: Callable[[float, Unit], str] = English().measure
    why: Callable[[Check, Bound, Settings], str] = reason

    @property
    def variables(self) -> tuple[str, ...]:
        """Labels that a viewer can choose by, from wide to narrow."""
        return (*self.settings.scope_labels, "model_name", *(self.server_labels if self.servers else ()))

    @property
    def server_labels(self) -> tuple[str, ...]:
        """Labels by which a viewer chooses servers and engines."""
        return (self.settings.instance_label, *(("engine",) if self.by_engine else ()))

    def on(self, board: Board) -> Form:
        """The form as a board has it, with what can be chosen there."""
        return replace(self, servers=self.name in board.servers, by_engine=board.by_engine)

    def ignores(self, queries: Iterable[str]) -> tuple[str, ...]:
        """What a viewer can choose and some of the queries do not look at."""
        asked = tuple(queries)
        return tuple(label for label in self.variables if not all(re.search(rf"\${label}\b", query) for query in asked))

    def matchers(self, *labels: str) -> tuple[Matcher, ...]:
        """What the viewer chose, of these labels (none given: of all)."""
        return tuple((label, "=~", f"${label}") for label in self.variables if not labels or label in labels)

    def reader(self, of: Grouping, by: tuple[str, ...] = (), *, recorded: bool = False) -> Reader:
        """A reader for one grouping; `recorded` puts recorded series in whatever the form."""
        labels = () if of == "all" else labels_of(of, self.settings)
        level: Scope = "engine" if of == "engine" else "model"
        chosen = self.server_labels if self.servers and not recorded else ()
        needed = {*labels, *by, *chosen}

        def find(node: Node) -> Recorded | None:
            found = self.planned.find(level, node)
            if isinstance(node, Level) and node.agg == "avg" and found and needed != set(found.labels):
                found = self.planned.find("engine", node)  # a mean of models' means would count each model once
            if found and not needed <= set(found.labels):
                found = self.planned.find("engine", node)
            return _labelled(found, node) if found and needed <= set(found.labels) else None

        base = self.planned.raw_reader(level)
        return replace(
            base,
            by=(*labels, *by),
            window=WINDOW,
            matchers=self.matchers(),
            words={**base.words, **dict.fromkeys(("selector", "servers"), self.targets()), **_WINDOWS},
            common_bounds=False,  # recorded series see to it; here it would cost every opening of the board
            target_labels=self.settings.target_labels,
            servers=self.server_labels,
            recorded=find if recorded or self.name == "fleet" else base.recorded,
            spend=self._spend,
            hosts=s.RUNNING.expr.metric,  # type: ignore[union-attr]
        )

    def targets(self) -> str:
        """Selector text of vLLM's scrape targets, as far as chosen."""
        chosen = (f'{label}{op}"{value}"' for label, op, value in self.matchers(*self.settings.target_labels))
        return ",".join(filter(None, (self.settings.target_selector, *chosen)))

    # ----------------------------------------------------------------------------------------- queries

    def text(self, chart: Chart, signal: Signal, before: str = "") -> str:
        """The query of one of a panel's signals, of so long ago. A table would show every label as a column."""
        reader = self._reader(chart.of, chart.by, signal, before)
        return asked(chart, signal, replace(reader, exact=isinstance(chart, Table)))

    def event(self, event: Event) -> str:
        """When something happens."""
        return self._reader(event.of, (), event.signal).text(event.signal.expr)

    def most(self, chart: Table, columns: Sequence[str]) -> Sequence[str]:
        """The columns of a table that shows only the rows with most in its first."""
        if not chart.most:
            return columns
        found = fold(f"topk({chart.most}, ", columns[0], ")")
        on = ", ".join(self.reader(chart.of, chart.by).by)
        return [found, *(f"{operand(Compound(text))}\nand on ({on})\n{found}" for text in columns[1:])]

    def _reader(self, of: Grouping, by: tuple[str, ...], signal: Signal, before: str = "") -> Reader:
        reader = replace(self.reader(of, by, recorded=only_recorded(signal.expr)), before=before)
        return replace(reader, recorded=_of_one_window(signal.expr, reader))

    def threshold(self, check: Check) -> str:
        """The bounds in force, one series a severity; of several models the largest."""
        labels = (*self.settings.scope_labels, "model_name")
        return aggregate("max", ("severity",), selector(threshold_name(check), self.matchers(*labels)))

    def alerts(self, pattern: str) -> str:
        """Firing alerts of what is chosen; those of a server have no model, those of a model no instance."""
        return self._located(self._worst(pattern))

    def alerts_since(self, pattern: str) -> str:
        """Seconds for which the condition of each firing alert has held, its hold included; of several the longest."""
        begun, firing = self._alert_series("ALERTS_FOR_STATE", pattern), self._alert_series("ALERTS", pattern, _FIRING)
        since = aggregate("min", self._alert_labels, f"{begun}\nand ignoring (alertstate)\n{firing}")
        worst = fold("(", self._worst(pattern), ")")
        return self._located(f"time() - {since}\nand on ({', '.join(self._alert_labels)})\n{worst}")

    def _worst(self, pattern: str) -> str:
        """The rank of the worst severity of each; a warning that is critical already is not listed twice."""
        others = f"or on ({', '.join(self._alert_labels[1:])})"
        ranked = []
        for severity, rank in RANKS.items():
            firing = self._alert_series("ALERTS", pattern, _FIRING, ("severity", "=", severity))
            ranked.append(f"{rank} * {aggregate('group', self._alert_labels, firing)}")
        return f"\n{others}\n".join(ranked)

    def _located(self, alerts: str) -> str:
        """One label that says what an alert is of; one of HTTP has neither model nor instance, but a place."""
        place = (self.settings.places or ("job",))[-1]
        labels = ", ".join(f'"{label}"' for label in ("model_name", self.settings.instance_label, place))
        return fold("label_join(", f'{alerts},\n"where", " ", {labels}', ")")

    @property
    def _alert_labels(self) -> tuple[str, ...]:
        return ("severity", "alertname", "model_name", *self.settings.target_labels)

    def _alert_series(self, name: str, pattern: str, *wanted: Matcher) -> str:
        chosen = self.matchers()
        able: tuple[Matcher, ...] = tuple((label, op, f"|{value}") for label, op, value in chosen)
        return selector(name, (("alertname", "=~", pattern), *wanted, *able))

    def variable_series(self, label: str) -> str:
        """A series that has a label, to list its values from."""
        level: Scope = "engine" if label in self.server_labels else "model"
        if self.name == "fleet" and (found := self.planned.find(level, s.RUNNING.expr)):
            return found.name
        return self.reader("all").series(s.RUNNING.expr.metric)[0].partition("{")[0]  # type: ignore[union-attr]

    # ----------------------------------------------------------------------------------------- budgets

    def _spend(self, spend: Spend) -> str:
        budget = slo.BY_KIND[spend.kind]
        chosen = self.matchers(*self.settings.scope_labels, "model_name")
        if spend.what == "left":
            return selector(left_name(budget), chosen)
        if spend.what == "objective":
            return selector(objective_name(budget), chosen)
        if self.name == "fleet":
            if spend.what == "burn":
                target = selector(objective_name(budget), chosen)
                return f"{selector(bad_name(budget, '5m'), chosen)} / (1 - {target})"
            window = self.settings.rate_window
            good, total = (
                f"sum_over_time({selector(events_name(budget, which, window), chosen)}[{RANGE}])"
                for which in ("good", "total")
            )
            return guarded(good, total)
        return either([self._raw_spend(spend, objective) for objective in objectives_of(budget, self.settings)])

    def _raw_spend(self, spend: Spend, objective: Objective) -> str:
        budget = slo.BY_KIND[spend.kind]
        reader = self.reader("model")
        if budget.bad and objective.within is None:  # the share itself is asked, which costs a third
            reader = replace(reader, matchers=(*reader.matchers, *fitting(objective)))
            if spend.what == "burn":
                return Compound(f"{operand(reader.text(budget.bad.expr))} / {1 - objective.target:.10g}")
            whole = replace(reader, window=RANGE, growth="increase")
            return Compound(f"1 - {operand(whole.text(budget.bad.expr))}")
        if spend.what == "good":
            good, total = events(budget, objective, replace(reader, window=RANGE), "increase")
            return guarded(good, total)
        good, total = events(budget, objective, reader)
        return Compound(f"(1 - {operand(guarded(good, total))}) / {1 - objective.target:.10g}")


def _labelled(found: Recorded, node: Node) -> Recorded:
    """A recorded series with the labels that it can have: series of an HTTP server or a process name no model."""
    if any("model_name" in metric.labels or "engine" in metric.labels for metric in metrics(node)):
        return found
    return replace(found, labels=tuple(label for label in found.labels if label != "model_name"))


def _of_one_window(expr: Node, reader: Reader) -> Callable[[Node], Recorded | None]:
    """Which nodes of an expression to read as recorded: of those over a window all of them or none.

    Recorded rates are over the rules' window and raw ones over the panel's; in one quotient, they would be of two
    different times.
    """
    if _windows(expr, reader) == {"recorded", "raw"}:
        return lambda node: None if _flows(node) else reader.recorded(node)
    return reader.recorded


def _windows(node: Node | Leaf, reader: Reader) -> set[str]:
    if isinstance(node, Growth):
        return {"recorded" if reader.recorded(node.whole) else "raw"}
    if isinstance(node, Over):
        return {"raw"} if "{" in node.window else set()
    if isinstance(node, (Level, Present)):
        return set()
    if (found := reader.recorded(node)) and set(found.labels) == set(reader.by):
        return {"recorded"} if _flows(node) else set()
    return {window for part in parts(node) for window in _windows(part, reader)}


def _flows(node: Node) -> bool:
    return any(isinstance(leaf, Growth) or (isinstance(leaf, Over) and "{" in leaf.window) for leaf in leaves(node))


_FIRING: Matcher = ("alertstate", "=", "firing")


@singledispatch
def asked(_chart: Chart, signal: Signal, reader: Reader) -> str:
    """What a kind of panel asks of a signal."""
    return reader.text(signal.expr)


@asked.register
def _(chart: Tile, signal: Signal, reader: Reader) -> str:
    found = reader.text(signal.expr)
    if not chart.folded:
        return found
    worst = "min" if chart.check and chart.check.op == "<" else "max"
    if chart.named:
        return fold("bottomk(1, " if worst == "min" else "topk(1, ", found, ")")
    return aggregate(worst if chart.folded == "worst" else chart.folded, (), found)


@asked.register
def _(chart: Heatmap, signal: Signal, reader: Reader) -> str:
    return reader.buckets(_histogram(chart, signal))


@asked.register
def _(chart: Bars, signal: Signal, reader: Reader) -> str:
    """Buckets by name, of native histograms too: a bar is drawn of a series."""
    return reader.rates(_histogram(chart, signal), Part.BUCKET, by=(*reader.by, "le"))


def _histogram(chart: Chart, signal: Signal) -> Metric:
    if not isinstance(signal.expr, Quantile):
        raise TypeError(f"{chart.title}: a {type(chart).__name__.lower()} panel needs a histogram")
    return signal.expr.metric


@asked.register
def _(_table: Table, signal: Signal, reader: Reader) -> str:
    found = reader.text(signal.expr)
    # Recorded series have names of their own, and Grafana joins rows only where every label is the same.
    return aggregate("max", reader.by, found) if found.startswith(("model:", "engine:")) else found


def raw(planned: Plan) -> Form:
    """Boards that need nothing but vLLM's own series."""
    return Form("raw", planned.settings, planned)


def fleet(planned: Plan) -> Form:
    """Boards over the recorded series; what is not recorded they read raw."""
    return Form("fleet", planned.settings, planned, servers=False)
