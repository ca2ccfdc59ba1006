"""What is said about a panel: what it shows, within which limits, judged how, of which metrics; and why it is empty."""

from __future__ import annotations

from collections.abc import Iterator

from vllm_observability.boards.forms import Form
from vllm_observability.catalog.boards import Chart
from vllm_observability.catalog.budget_signals import BUDGET_OF
from vllm_observability.catalog.slo import Budget
from vllm_observability.model import Check, Level, Metric, PerSecond, Signal, metrics, only_recorded, version_key
from vllm_observability.rules.budgets import objectives_of
from vllm_observability.settings import Settings

OLDEST_SUPPORTED = (0, 6)
FIRING = (
    "From the series that Prometheus writes of its alerts, so of every data source that evaluates them. An alert's "
    "name leads to its runbook. Since is how long its condition has held; a warning that is critical already stands "
    "once."
)


def described(chart: Chart, form: Form) -> str:
    """What it is, its limits, its bounds, and the metrics used."""
    told = chart.signals if len(chart.signals) < 3 else chart.signals[:1]
    words = [*dict.fromkeys(_meaning(signal, form.settings) for signal in told)]
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


def _meaning(signal: Signal, settings: Settings) -> str:
    budget = BUDGET_OF.get(signal.id)
    return signal.meaning.replace("{objective}", _objective(budget, settings)) if budget else signal.meaning


def _objective(budget: Budget, settings: Settings) -> str:
    promises = []
    for objective in objectives_of(budget, settings):
        of = "" if objective.match == ".*" else f" of models {objective.match}"
        promises.append(
            f"{100 * objective.target:g} % of the {budget.counted(objective.within)}{of} "
            f"{budget.promised(objective.within)}"
        )
    return f"Objective: {'; '.join(promises)}."


def with_objectives(chart: Chart, settings: Settings) -> Chart | None:
    """A chart without budgets that have no objective at the site; None where it has nothing else."""
    return chart.without({id for id, budget in BUDGET_OF.items() if not objectives_of(budget, settings)})


# --------------------------------------------------------------------------------------------- metrics


def metrics_of(chart: Chart) -> list[Metric]:
    """Every metric that a chart reads, each once."""
    return list(dict.fromkeys(metric for signal in chart.signals for metric in metrics(signal.expr)))


# ------------------------------------------------------------------------------------------ why nothing


def no_value(chart: Chart) -> str:
    """Why there may be nothing to show: switched off, an older vLLM, no traffic, nothing selected."""
    first = chart.signals[0]
    if first.nothing:
        return f"no data: {first.nothing}"
    if needs_rules(chart):
        return "no data: the recording rules are not loaded, or no traffic"
    read = metrics_of(chart)
    conditions = {metric.condition for metric in read}
    if read and None not in conditions:
        return f"no data: needs {sorted(filter(None, conditions))[0]}"
    newest = max((min(version_key(name.since) for name in metric.names) for metric in read), default=())
    since = f", or vLLM is older than {'.'.join(map(str, newest))}" if newest and newest[:2] > OLDEST_SUPPORTED else ""
    flows = not isinstance(first.expr, (Level, PerSecond))
    return f"no data: {'no traffic' if flows else 'no server selected'}{since}"


def needs_rules(chart: Chart) -> bool:
    """Whether some of it is answered by recorded series only, in both forms of a board."""
    return any(only_recorded(signal.expr) for signal in chart.signals)
