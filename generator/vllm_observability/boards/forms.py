"""The two forms of a board: over raw series, where it works alone, and over recorded ones, where it costs little."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import singledispatch
from typing import Literal

from vllm_observability.catalog import signals as s
from vllm_observability.catalog import slo
from vllm_observability.catalog.boards.layout import Chart, Grouping, Heatmap, Table, Tile
from vllm_observability.model import (
    Bound,
    Check,
    Level,
    Matcher,
    Node,
    Quantile,
    Scope,
    Signal,
    Spend,
    Unit,
    only_recorded,
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
from vllm_observability.rules.budgets import bad_name, events, events_name, left_name, objective_name, objectives_of
from vllm_observability.settings import Objective, Settings
from vllm_observability.settings.reasons import reason
from vllm_observability.words.phrases import English

WINDOW = "$__rate_interval"
_WINDOWS = {"short": WINDOW, "rate_window": WINDOW}
RANGE = "$__range"


@dataclass(frozen=True)
class Form:
    """How the queries of a set of boards are written, `raw` or `fleet`.

    `measure` says a bound in words, `why` the reason for it.
    """

    name: Literal["raw", "fleet"]
    settings: Settings
    planned: Plan
    measure: Callable[[float, Unit], str] = English().measure
    why: Callable[[Check, Bound, Settings], str] = reason

    @property
    def variables(self) -> tuple[str, ...]:
        """Labels that a viewer can choose by, from wide to narrow."""
        return (*self.settings.scope_labels, "model_name", "instance", "engine")

    def matchers(self, *labels: str) -> tuple[Matcher, ...]:
        """What the viewer chose, of these labels (none given: of all)."""
        return tuple((label, "=~", f"${label}") for label in self.variables if not labels or label in labels)

    def reader(self, of: Grouping, by: tuple[str, ...] = (), *, recorded: bool = False) -> Reader:
        """A reader for one grouping; `recorded` puts recorded series in whatever the form."""
        labels = () if of == "all" else labels_of(of, self.settings)
        level: Scope = "engine" if of == "engine" else "model"
        needed = {*labels, *by}

        def find(node: Node) -> Recorded | None:
            found = self.planned.find(level, node)
            if isinstance(node, Level) and node.agg == "avg" and found and needed != set(found.labels):
                found = self.planned.find("engine", node)  # a mean of models' means would count each model once
            return found if found and needed <= set(found.labels) else None

        base = self.planned.raw_reader(level)
        return replace(
            base,
            by=(*labels, *by),
            window=WINDOW,
            matchers=self.matchers(),
            words={**base.words, **dict.fromkeys(("selector", "servers"), self.targets()), **_WINDOWS},
            common_bounds=False,  # recorded series see to it; here it would cost every opening of the board
            target_labels=(*self.settings.scope_labels, "instance"),
            recorded=find if recorded or self.name == "fleet" else base.recorded,
            spend=self._spend,
        )

    def targets(self) -> str:
        """Selector text of vLLM's scrape targets, as far as chosen."""
        chosen = (
            f'{label}{op}"{value}"' for label, op, value in self.matchers(*self.settings.scope_labels, "instance")
        )
        return ",".join(filter(None, (self.settings.target_selector, *chosen)))

    # ----------------------------------------------------------------------------------------- queries

    def text(self, chart: Chart, signal: Signal) -> str:
        """The query of one of a panel's signals."""
        return asked(chart, signal, self.reader(chart.of, chart.by, recorded=only_recorded(signal.expr)))

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
        """A warning that is critical already is not listed twice."""
        firing = self._alert_series("ALERTS", pattern, _FIRING)
        critical = self._alert_series("ALERTS", pattern, _FIRING, ("severity", "=", "critical"))
        others = f"or on ({', '.join(self._alert_labels[1:])})"
        return "\n".join(
            (aggregate("group", self._alert_labels, critical), others, aggregate("group", self._alert_labels, firing))
        )

    def _located(self, alerts: str) -> str:
        """One label that says what an alert is of; one of HTTP has neither model nor instance, but a place."""
        place = (self.settings.places or ("job",))[-1]
        labels = ", ".join(f'"{label}"' for label in ("model_name", "instance", place))
        return fold("label_join(", f'{alerts},\n"where", " ", {labels}', ")")

    @property
    def _alert_labels(self) -> tuple[str, ...]:
        return ("severity", "alertname", "model_name", "instance", *self.settings.scope_labels)

    def _alert_series(self, name: str, pattern: str, *wanted: Matcher) -> str:
        chosen = self.matchers(*self.settings.scope_labels, "model_name", "instance")
        able: tuple[Matcher, ...] = tuple((label, op, f"|{value}") for label, op, value in chosen)
        return selector(name, (("alertname", "=~", pattern), *wanted, *able))

    def variable_series(self, label: str) -> str:
        """A series that has a label, to list its values from."""
        level: Scope = "engine" if label in ("instance", "engine") else "model"
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
        if spend.what == "good":
            good, total = events(budget, objective, replace(reader, window=RANGE), "increase")
            return guarded(good, total)
        good, total = events(budget, objective, reader)
        return Compound(f"(1 - {operand(guarded(good, total))}) / {1 - objective.target:.10g}")


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
    return aggregate(worst if chart.folded == "worst" else chart.folded, (), found)


@asked.register
def _(chart: Heatmap, signal: Signal, reader: Reader) -> str:
    if not isinstance(signal.expr, Quantile):
        raise TypeError(f"{chart.title}: a heatmap needs a histogram")
    return reader.buckets(signal.expr.metric)


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
    return Form("fleet", planned.settings, planned)
