"""Runbooks: one row an alert, written by hand."""

from __future__ import annotations

from vllm_observability.catalog.runbooks import budgets, cache, failures, features, fleet, latency, load, presence
from vllm_observability.catalog.runbooks.record import Runbook

# In the order of triage, as the checks.
ALL: tuple[Runbook, ...] = tuple(
    row
    for module in (presence, failures, latency, load, cache, fleet, features, budgets)
    for row in vars(module).values()
    if isinstance(row, Runbook)
)
BY_ALERT: dict[str, Runbook] = {row.alert: row for row in ALL}
