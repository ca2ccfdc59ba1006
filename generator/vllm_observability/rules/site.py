"""Every rule of a site, with the plan behind them: worked out once, and handed to whoever writes or asks."""

from __future__ import annotations

from dataclasses import dataclass

from vllm_observability.queries.recorded import Plan, plan
from vllm_observability.rules.alerts import alert_groups
from vllm_observability.rules.beside import beside_groups
from vllm_observability.rules.budgets import slo_alert_groups, slo_groups
from vllm_observability.rules.recording import recording_groups
from vllm_observability.rules.records import RuleGroup
from vllm_observability.settings import Settings


@dataclass(frozen=True)
class Rules:
    """Recording rules and alert rules, those of objectives included, as groups in the order of their files."""

    planned: Plan
    recording: tuple[RuleGroup, ...]
    alerting: tuple[RuleGroup, ...]

    @property
    def settings(self) -> Settings:
        """The choices that they follow from."""
        return self.planned.settings


def rules_for(settings: Settings) -> Rules:
    """What follows from settings before boards and files are made of it."""
    planned = plan(settings)
    return Rules(planned, recorded_by(planned), fired_by(planned))


def recorded_by(planned: Plan) -> tuple[RuleGroup, ...]:
    """Every recording rule."""
    return (*recording_groups(planned), *beside_groups(planned), *slo_groups(planned))


def fired_by(planned: Plan) -> tuple[RuleGroup, ...]:
    """Every alert rule."""
    return (*alert_groups(planned), *slo_alert_groups(planned))
