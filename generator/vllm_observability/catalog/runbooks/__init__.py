"""Runbooks: one row an alert, written by hand."""

from __future__ import annotations

from collections.abc import Iterable

from vllm_observability.catalog.runbooks import (
    absence,
    beside,
    budgets,
    cache,
    failures,
    features,
    fleet,
    latency,
    load,
    presence,
)
from vllm_observability.catalog.runbooks.record import Runbook

# In the order of triage, as the checks.
ALL: tuple[Runbook, ...] = tuple(
    row
    for module in (presence, absence, failures, latency, load, cache, fleet, features, budgets)
    for row in vars(module).values()
    if isinstance(row, Runbook)
)
# Of alerts that are there where a site joins GPUs to its engines.
BESIDE: tuple[Runbook, ...] = (beside.FAULT, beside.THROTTLED)
BY_ALERT: dict[str, Runbook] = {row.alert: row for row in (*ALL, *BESIDE)}


class NoRunbook(ValueError):
    """An alert without a page, and where to write it, in one sentence."""


def require_runbooks(alerts: Iterable[str]) -> None:
    """NoRunbook where one of these alerts has no row here."""
    for alert in alerts:
        if alert not in BY_ALERT:
            raise NoRunbook(
                f'{alert} has no runbook: write Runbook("{alert}", …) in a file of'
                " generator/vllm_observability/catalog/runbooks/ (presence.py has examples)."
            )
