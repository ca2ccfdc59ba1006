"""Who reads which metrics: every question that is asked anywhere, found in the catalogue itself.

Nothing here is a list to keep in step: a new panel, alert, runbook step or figure is a reader by being there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from vllm_observability.catalog import boards, checks, runbooks, slo
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.runbooks.record import SloSeries
from vllm_observability.model import Metric, Node, Part, Raw, Spend, leaves
from vllm_observability.queries.promql import Reader
from vllm_observability.queries.recorded import signals_needed
from vllm_observability.settings import Settings

Series = tuple[Metric, Part]
By = Literal["figure", "report", "recorded series", "alert", "budget", "panel", "runbook"]


@dataclass(frozen=True)
class Use:
    """A reader: what kind of thing asks, how it is called, and its question.

    `by` "report" is a question whose answer is no figure, but decides what the report says.
    """

    by: By
    name: str
    node: Node


def uses(settings: Settings) -> Iterator[Use]:
    """Every question that this bundle asks of vLLM's metrics at a site, with who asks it."""
    yield from _of_the_report()
    yield from (Use("recorded series", signal.id, signal.expr) for signal in signals_needed() if signal.record)
    for check in checks.ALL:
        if check.alert and check.alert not in settings.alerts_off:
            yield from (Use("alert", check.alert, signal.expr) for signal in check.signals)
        else:  # still a judgement of the report
            yield from (Use("report", check.id, signal.expr) for signal in check.signals)
    promised = {objective.of for objective in settings.objectives}
    for budget in slo.BUDGETS:
        if budget.kind in promised:
            yield Use("budget", budget.alert, budget.events_counted)
    for board in boards.ALL:
        for chart in (chart for section in board.sections for chart in section.charts):
            place = f"{board.name} / {chart.title}"
            for expr in (signal.expr for signal in chart.signals):
                if not isinstance(expr, Spend) or expr.kind in promised:
                    yield Use("panel", place, expr)
        yield from (Use("panel", f"{board.name} / {event.title}", event.signal.expr) for event in board.events)
    without_page = {*settings.alerts_off, *(budget.alert for budget in slo.BUDGETS if budget.kind not in promised)}
    for book in (book for book in runbooks.ALL if book.alert not in without_page):
        for step in book.diagnosis:
            if not isinstance(step.query.expr, SloSeries):  # a budget, asked already
                yield Use("runbook", book.alert, step.query.expr)


def _of_the_report() -> Iterator[Use]:
    """What a report works out from pages: figures, checks that a page can answer, and what else it reads."""
    yield from (Use("figure", signal.id, signal.expr) for signal in s.ALL if signal.figure)
    yield from (Use("report", signal.id, signal.expr) for signal in (*s.REPORT_READS, *s.PAGE_READS))
    for check in checks.ALL:
        if not isinstance(check.signal.expr, Raw):
            yield from (Use("report", x.id, x.expr) for x in check.signals if not isinstance(x.expr, Raw))


@cache
def report_reads() -> frozenset[Series]:
    """The series that a report asks of a page."""
    return series_of(_of_the_report())


def series_of(asked: Iterable[Use]) -> frozenset[Series]:
    """Metrics that some readers read, each with the part that they read."""
    return frozenset((leaf.metric, leaf.part) for use in asked for leaf in leaves(use.node))


def names_read(settings: Settings) -> frozenset[str]:
    """Every name of a series that anything of ours reads, in all versions of vLLM, under every prefix of the site."""
    reader = Reader(by=(), window="", prefixes=settings.metric_prefixes, histograms=settings.histograms)
    return frozenset(name for metric, part in series_of(uses(settings)) for name in reader.names(metric, part))
