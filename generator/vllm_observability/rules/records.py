"""Rules as plain data: what the catalogue becomes before a renderer puts it into YAML."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One rule as Prometheus reads it: exactly one of `record` and `alert` is set."""

    expr: str
    record: str | None = None
    alert: str | None = None
    hold: str | None = None
    labels: tuple[tuple[str, str], ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class RuleGroup:
    """Rules evaluated one after another; `interval` None: Prometheus' own."""

    name: str
    rules: tuple[Rule, ...]
    interval: str | None = None
