"""An Alertmanager configuration: who is told, and which alert explains which others; labels as the site scopes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vllm_observability.catalog import fleet_checks
from vllm_observability.model import Check
from vllm_observability.render.deploy import messages
from vllm_observability.render.rules_yaml import yaml_text
from vllm_observability.render.template_files import template
from vllm_observability.settings import Settings

_OURS = 'alertname=~"Vllm.+"'  # nobody else's alert is silenced, nor silences


@dataclass(frozen=True)
class Inhibition:
    """While an alert that `source` fits fires, those that `target` fits and that share the labels `equal` are not sent.

    `source` and `target` are matchers as Alertmanager writes them, joined by commas.
    """

    source: str
    target: str
    equal: tuple[str, ...]
    reason: str


def alertmanager_files(settings: Settings) -> dict[str, str]:
    """The configuration, receivers to choose from, and what their messages say; by name."""
    return {
        "alertmanager.yml": template("alertmanager.yml.j2").render(
            model_labels=list(settings.model_labels),
            inhibitions=inhibitions(settings),
            receivers=_receivers(messages.ROUTED),
        ),
        "receivers.yml": template("receivers.yml.j2").render(
            most=messages.MOST,
            newer=[one for one in messages.ALL if one.since != messages.PAGER.since],
            receivers=_receivers(messages.ALL),
        ),
        messages.DEFINITIONS: messages.definitions(),
    }


def _receivers(chosen: Sequence[messages.Receiver]) -> str:
    return yaml_text({"receivers": [messages.data(one) for one in chosen]})


def inhibitions(settings: Settings) -> list[Inhibition]:
    """What explains what, without the alerts that a site switched off."""
    off = {_named(alert) for alert in settings.alerts_off}
    return [each for each in _all(settings) if each.source not in off]


def _all(settings: Settings) -> Iterator[Inhibition]:
    down, vanished = _name(fleet_checks.TARGET_DOWN), _name(fleet_checks.MODEL_VANISHED)
    yield Inhibition(
        f'{_OURS}, severity="critical"',
        f'{_OURS}, severity=~"warning|info"',
        ("alertname", *settings.engine_labels, "of"),
        "Both severities of one alert share its name; the graver one is enough.",
    )
    yield Inhibition(
        _named(down),
        _others(down),
        (*settings.scope_labels, "instance"),
        "A server that can't be scraped explains what else is said of it.",
    )
    yield Inhibition(
        _named(vanished),
        _others(vanished),
        settings.model_labels,
        "A model without engines has no latency, no queue and no budget worth a second message.",
    )


def _named(alert: str) -> str:
    return f'alertname="{alert}"'


def _others(alert: str) -> str:
    return f'{_OURS}, alertname!="{alert}"'


def _name(check: Check) -> str:
    if check.alert is None:
        raise ValueError(f"{check.id} has no alert")
    return check.alert
