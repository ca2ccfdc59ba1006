"""An Alertmanager configuration: who is told, and which alert explains which others; labels as the site scopes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from vllm_observability.catalog import checks, fleet_checks
from vllm_observability.model import Check
from vllm_observability.settings import Settings

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Inhibition:
    """While `source` fires, alerts that `matchers` fit and that share the labels `equal` are not sent."""

    source: str
    matchers: str
    equal: tuple[str, ...]
    reason: str


def alertmanager_yaml(settings: Settings) -> str:
    """The configuration; alerts that a site switched off explain nothing."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True
    )
    return environment.get_template("alertmanager.yml.j2").render(
        model_labels=list(settings.model_labels),
        engine_labels=list(settings.engine_labels),
        inhibitions=[each for each in _inhibitions(settings) if each.source not in settings.alerts_off],
    )


def _inhibitions(settings: Settings) -> Iterator[Inhibition]:
    down, vanished, stalled = (
        _name(check) for check in (fleet_checks.TARGET_DOWN, fleet_checks.MODEL_VANISHED, fleet_checks.STALLED)
    )
    yield Inhibition(
        down, _others(down), (*settings.scope_labels, "instance"),
        "A server that can't be scraped explains what else is said of it.",
    )  # fmt: skip
    yield Inhibition(
        down, f'alertname="{vanished}"', settings.scope_labels,
        "Where a server of a deployment is down, a model that vanished from it needs no page of its own.",
    )  # fmt: skip
    yield Inhibition(
        vanished, _others(vanished), settings.model_labels,
        "A model without engines has no latency, no queue and no budget worth a second message.",
    )  # fmt: skip
    consequences = (checks.REQUESTS_WAITING, fleet_checks.QUEUE_DRAIN, checks.QUEUE_TIME, checks.THROUGHPUT)
    yield Inhibition(
        stalled, f'alertname=~"{"|".join(map(_name, consequences))}"', settings.model_labels,
        "A stalled engine is the cause of its queue.",
    )  # fmt: skip


def _others(alert: str) -> str:
    return f'alertname=~"Vllm.+", alertname!="{alert}"'


def _name(check: Check) -> str:
    if check.alert is None:
        raise ValueError(f"{check.id} has no alert")
    return check.alert
