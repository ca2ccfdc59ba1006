"""Rules -> reference: every alert with its bounds, holds, reasons, query, board and runbook."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vllm_observability.catalog import checks, slo
from vllm_observability.catalog.runbooks import ALL
from vllm_observability.catalog.runbooks.record import Runbook
from vllm_observability.render.docs.markdown import code, fenced, table
from vllm_observability.render.docs.runbooks import Book, book_of
from vllm_observability.rules.site import Rules

PATH = "docs/reference/alerts.md"
_HEAD = """\
# Alerts

Every alert with the default settings: when it fires, its hold, why that number, and the query. Each has a
[runbook](../../alerts/runbooks/README.md). An alert compares with a recorded threshold: change it in the
[settings](settings.md#checks), in the values of the Helm chart or in the rule file, and panels follow.
"""


def alerts_page(site: Rules) -> dict[str, str]:
    """The page, by its path."""
    book = book_of(site)
    shown = [row for row in ALL if row.alert in book.rules]
    index = table(
        ("alert", "severities", "what it says"),
        (
            (
                f"[{row.alert}](#{row.alert.lower()})",
                ", ".join(dict.fromkeys(each.severity for each in book.rows(row))),
                book.summary(row.alert),
            )
            for row in shown
        ),
    )
    return {PATH: "\n".join((_HEAD, *index, *(line for row in shown for line in _alert(row, book))))}


def _alert(row: Runbook, book: Book) -> Iterator[str]:
    meaning = re.sub(r"\]\((Vllm\w+)\.md\)", lambda found: f"](#{found[1].lower()})", book.prose(row.meaning))
    yield f"## {row.alert}\n\n{book.summary(row.alert)} {meaning}\n"
    rows = book.rows(row)
    yield from table(
        ("severity", "fires when", "hold", "why"),
        ((each.severity, each.when, each.hold, each.reason) for each in rows),
    )
    ids = [check.id for check in checks.ALL if check.alert == row.alert]
    kinds = [budget.kind for budget in slo.BUDGETS if budget.alert == row.alert]
    keys = [f"`thresholds` and `holds`: {', '.join(map(code, ids))}"] if ids else []
    keys += [f"[`objectives`](settings.md#objectives): {', '.join(map(code, kinds))}"] if kinds else []
    yield f"- Runbook: [{row.alert}](../../alerts/runbooks/{row.alert}.md)"
    for board, chart in dict.fromkeys(book.answers(row)):
        yield f"- Panel: [{board.title}: {chart.title}](../boards/{board.slug}.md)"
    yield from (f"- Settings: {key}" for key in keys)
    yield ""
    for rule in book.rules[row.alert]:
        labels = ", ".join(f"{key}={value}" for key, value in rule.labels)
        yield f"Query ({labels}):\n"
        yield from fenced(rule.expr, "promql")
