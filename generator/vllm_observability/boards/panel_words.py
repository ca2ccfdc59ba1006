"""What is said about a panel: what it shows, within which limits, judged how, of which metrics; and why it is empty."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from vllm_observability.boards.forms import Form
from vllm_observability.catalog.boards import Chart
from vllm_observability.catalog.budget_signals import BUDGET_OF
from vllm_observability.catalog.slo import Budget
from vllm_observability.model import (
    Beyond,
    ByName,
    Check,
    Either,
    Growth,
    Late,
    Metric,
    Node,
    Over,
    Owner,
    Present,
    Quantile,
    Ratio,
    Raw,
    Signal,
    Spend,
    Unexplained,
    leaves,
    metrics,
    nodes,
    only_recorded,
    parts,
    version_key,
)
from vllm_observability.rules.budgets import objectives_of
from vllm_observability.settings import Settings

RECORDED = re.compile(r"(?:engine|model):vllm_[\w:]+")
LAST_OLD_ENGINE = (0, 10, 2)  # from the next version on, vLLM has only one
OLDEST_SUPPORTED = (0, 6)
LETTERS = 10  # that a tile holds in each column of its width, large enough to read
FIRING = (
    "Firing alerts, from Prometheus' own series of them. Click an alert for its runbook. Since: how long its condition "
    "has held. A warning that is already critical is listed once."
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
    read = (part for signal in chart.signals for part in nodes(signal.expr))
    names |= dict.fromkeys(name for part in read if isinstance(part, ByName) for name in part.of)
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


def no_value(chart: Chart, asked: Sequence[str]) -> str:
    """Why there may be nothing to show: every state in which there is nothing, and no other."""
    *others, last = _reasons(chart, asked)
    return "no data: " + (f"{', '.join(others)} or {last}" if others else last)


def tile_reason(chart: Chart, asked: Sequence[str]) -> str:
    """The same where a tile has room for it: only what its question says, which is true where nobody is there too."""
    unrecorded = "not recorded, or " if _needs_recorded(chart, asked) else ""
    told = unrecorded + chart.signals[0].nothing
    return told if chart.signals[0].nothing and len(told) <= LETTERS * chart.width else "no data"


def _needs_recorded(chart: Chart, asked: Sequence[str]) -> bool:
    return bool(needs_rules(chart) or {name for text in asked for name in RECORDED.findall(text)} - _optional(chart))


def _reasons(chart: Chart, asked: Sequence[str]) -> Iterator[str]:
    """Nobody there, nothing recorded, switched off, an older vLLM, no traffic."""
    first, read = chart.signals[0], metrics_of(chart)
    owners = {metric.owner for metric in read}
    if owners:
        yield "no engine reports" if Owner.ENGINE in owners else "no server reports"
    if _needs_recorded(chart, asked):
        yield "the recording rules are not loaded"
    if first.nothing:
        yield first.nothing
        return
    conditions = list(dict.fromkeys(metric.condition for metric in read if metric.condition))
    if read and all(metric.condition for metric in read):
        yield f"not switched on: it needs {' or '.join(conditions)}" if len(conditions) < 3 else "not switched on"
    newest = max((min(version_key(name.since) for name in metric.names) for metric in read), default=())
    if newest[:2] > OLDEST_SUPPORTED and not _any_is_enough(first.expr):
        yield f"vLLM is older than {'.'.join(map(str, newest))}"
    of_new_engine = any(all(name.engine == "V1" for name in metric.names) for metric in read)
    if (of_new_engine and newest < LAST_OLD_ENGINE) or Owner.SERVER in owners:
        yield "vLLM runs its old engine (V0, to 0.10)"
    if Owner.PROCESS in owners:
        yield "several processes serve one port, which hides what each uses"
    # Series of HTTP requests begin with the first request.
    if Owner.SERVER in owners or any(_needs_traffic(signal.expr) for signal in chart.signals):
        yield "no traffic"


def _any_is_enough(node: Node) -> bool:
    return isinstance(node, Either) or (isinstance(node, Raw) and "or" in node.promql.split())


def _needs_traffic(node: Node) -> bool:
    """Whether an expression has no answer where nothing happens, because it divides by what happened."""
    if isinstance(node, (Quantile, Spend, Late, Beyond, Unexplained)):
        return True
    divides = isinstance(node, Ratio) or (isinstance(node, Raw) and "> 0" in node.promql)
    if divides and any(isinstance(leaf, Growth) for leaf in leaves(node)):
        return True
    return any(_needs_traffic(part) for part in parts(node) if not isinstance(part, (Growth, Over, Present)))


def _optional(chart: Chart) -> set[str]:
    """Recorded series in whose place something else stands where a site has none of them."""
    either = (each.first for signal in chart.signals for each in nodes(signal.expr) if isinstance(each, Either))
    return {first.name for first in either if isinstance(first, ByName)}


def beside_engines(chart: Chart) -> bool:
    """Whether nothing of it is vLLM's: it shows what other exporters say of GPUs and pods."""
    read = [signal.expr for signal in chart.signals]
    return bool(read) and all(isinstance(expr, ByName) and expr.of for expr in read)


def needs_rules(chart: Chart) -> bool:
    """Whether some of it is answered by recorded series only, in both forms of a board."""
    return any(only_recorded(signal.expr) for signal in chart.signals)


def shows_budgets(chart: Chart) -> bool:
    """Whether it shows what is left of error budgets, which are summed at full hours."""
    return any(isinstance(signal.expr, Spend) and signal.expr.what == "left" for signal in chart.signals)
