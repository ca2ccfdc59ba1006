"""What is said about a panel: what it shows, within which limits, judged how, of which metrics; and why it is empty."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from vllm_observability.boards.forms import Form
from vllm_observability.catalog import slo
from vllm_observability.catalog.boards import Chart, Line, Spend
from vllm_observability.model import Check, Level, Metric, Node, PerSecond, Raw, leaves, version_key
from vllm_observability.rules.budgets import PERIOD, objectives_of
from vllm_observability.settings import Settings

OLDEST_SUPPORTED = (0, 6)


def described(chart: Chart, form: Form) -> str:
    """What it is, its limits, its bounds, and the metrics used."""
    told = chart.lines if len(chart.lines) < 3 else chart.lines[:1]
    words = [*dict.fromkeys(_meaning(line, form) for line in told)]
    if chart.note:
        words.append(chart.note)
    if chart.check:
        words += _bounds(chart.check, form)
    names = dict.fromkeys(name.text for metric in metrics_of(chart) for name in metric.names)
    used = ", ".join(f"`{name}`" for name in names) or "`up` and what Prometheus itself says of a scrape"
    return " ".join(words) + "\n\nMetrics: " + used


def _bounds(check: Check, form: Form) -> Iterator[str]:
    side = "above" if check.op == ">" else "below"
    for bound in check.bounds:
        value = form.settings.bound(check, bound)
        if value is not None:
            number = form.measure(value, check.signal.unit) if value else "0"
            yield f"{bound.severity.capitalize()} {side} {number}: {form.why(check, bound, form.settings)}."


def _meaning(line: Line, form: Form) -> str:
    if not isinstance(line.signal, Spend):
        return line.signal.meaning
    budget = slo.BY_KIND[line.signal.kind]
    promises = []
    for objective in objectives_of(budget, form.settings):
        of = "" if objective.match == ".*" else f" of models {objective.match}"
        within = "without an error" if objective.within is None else f"within {objective.within:g} s"
        promises.append(f"{100 * objective.target:g} % of the {budget.events}{of} {within}")
    objective_text = f"Objective: {'; '.join(promises)}."
    return {
        "good": f"Share of {budget.events} that were good, over the time range shown. {objective_text}",
        "left": f"Share of the budget of {PERIOD} that is left; below 0 it is overspent. {objective_text}",
        "burn": f"How many times faster than sustainable the budget goes: bad {budget.events} over those allowed. "
        f"{objective_text}",
        "objective": objective_text,
    }[line.signal.what]


def with_objectives(chart: Chart, settings: Settings) -> Chart:
    """A chart about budgets without the lines of those that have no objective at the site."""
    lines = tuple(
        line
        for line in chart.lines
        if not isinstance(line.signal, Spend) or objectives_of(slo.BY_KIND[line.signal.kind], settings)
    )
    return replace(chart, lines=lines)


# --------------------------------------------------------------------------------------------- metrics


def metrics_of(chart: Chart) -> list[Metric]:
    """Every metric that a chart reads, each once."""
    return list(dict.fromkeys(metric for line in chart.lines for metric in _read(line)))


def _read(line: Line) -> Iterator[Metric]:
    if isinstance(line.signal, Spend):
        metric = slo.BY_KIND[line.signal.kind].metric
        yield from (metric,) if metric else ()
    else:
        yield from metrics_of_node(line.signal.expr)


def metrics_of_node(node: Node) -> Iterator[Metric]:
    """Every metric of an expression."""
    if isinstance(node, Raw):
        yield from node.metrics
        for _, part in (*node.parts, *node.series):
            yield from metrics_of_node(part)
        yield from (over.metric for _, over in node.overs)
    else:
        yield from (leaf.metric for leaf in leaves(node))


# ------------------------------------------------------------------------------------------ why nothing


def no_value(chart: Chart) -> str:
    """Why there may be nothing to show: switched off, an older vLLM, no traffic, nothing selected."""
    if chart.empty:
        return f"no data: {chart.empty}"
    if chart.recorded or any(line.recorded for line in chart.lines):
        return "no data: the recording rules are not loaded, or no traffic"
    read = metrics_of(chart)
    conditions = {metric.condition for metric in read}
    if read and None not in conditions:
        return f"no data: needs {sorted(filter(None, conditions))[0]}"
    newest = max((min(version_key(name.since) for name in metric.names) for metric in read), default=())
    since = f", or vLLM is older than {'.'.join(map(str, newest))}" if newest and newest[:2] > OLDEST_SUPPORTED else ""
    line = chart.lines[0]
    flows = isinstance(line.signal, Spend) or not isinstance(line.signal.expr, (Level, PerSecond))
    return f"no data: {'no traffic' if flows else 'no server selected'}{since}"
