"""Rows of optional features: what exists while such a row has anything to show."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vllm_observability.boards.forms import Form
from vllm_observability.boards.panel_words import RECORDED, metrics_of
from vllm_observability.boards.records import Panel
from vllm_observability.catalog.boards import Chart

_SERIES = re.compile(r"([a-zA-Z_:][\w:]*)\{")  # every selector of a board has matchers


def present(charts: tuple[Chart, ...], panels: tuple[Panel, ...], form: Form) -> str:
    """A query of label values that lists something while a feature has data; empty where the row must always stand.

    A row is of a feature if its first panel is. A row of what every server has would hide a fault, not a feature.
    """
    if not _optional(charts[0]):
        return ""
    drawn = [(chart, panel) for chart, panel in zip(charts, panels, strict=True) if _optional(chart)]
    queries = [query.expr for _, panel in drawn for query in panel.queries]
    told = set(_told([chart for chart, _ in drawn], form))
    names = sorted({name for query in queries for name in _SERIES.findall(query) if name in told or _recorded(name)})
    ignored = form.ignores(queries)
    chosen = [label for label in form.variables if label not in ignored]
    matchers = (f'__name__=~"{"|".join(names)}"', *(f'{label}=~"${label}"' for label in chosen))
    return f"label_values({{{','.join(matchers)}}}, __name__)"


def _told(charts: list[Chart], form: Form) -> Iterator[str]:
    """Names of the metrics themselves; queries read others too, which say who is up."""
    reader = form.reader("all")
    for chart in charts:
        for metric in metrics_of(chart):
            for part in metric.parts:
                yield from (series.partition("{")[0] for series in reader.names(metric, part))


def _recorded(name: str) -> bool:
    """Of every model there is a bound, whatever it has switched on."""
    return bool(RECORDED.match(name)) and not name.endswith(":threshold")


def _optional(chart: Chart) -> bool:
    """Whether every metric that it reads must be switched on."""
    read = metrics_of(chart)
    return bool(read) and all(metric.condition for metric in read)
