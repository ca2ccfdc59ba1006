"""What each kind of receiver is told, and an example of each: one table for Alertmanager's files and for the chart.

Texts are templates of Alertmanager; `vllm.tmpl` defines what they name. No message lists more than ten alerts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vllm_observability.render.template_files import FOLDER
from vllm_observability.render.text_cases import camel

SECRETS = "/etc/alertmanager/secrets"
DEFINITIONS = "vllm.tmpl"
MOST = 10  # alerts in one message
_TITLE = '{{ template "vllm.title" . }}'
_TEXT = '{{ template "vllm.text" . }}'
_BOARD = "{{ (index .Alerts 0).Annotations.dashboard_url }}"


@dataclass(frozen=True)
class Receiver:
    """A kind of receiver, in Alertmanager's own words.

    `reach` is where it is and how its secret is had, to be replaced; `says` is the message. `since`: the first
    Alertmanager that knows it. `pairs` are maps that the Prometheus operator writes as lists of keys and values.
    """

    name: str
    kind: str
    reach: Mapping[str, Any]
    says: Mapping[str, Any]
    since: str = "0.25"
    pairs: tuple[str, ...] = ()


PAGER = Receiver(
    "pager",
    "pagerduty",
    {"routing_key_file": f"{SECRETS}/pagerduty-key"},
    {
        "severity": "{{ .CommonLabels.severity }}",
        "description": _TITLE,
        # Alertmanager adds its own where these are not given: a list of every alert.
        "details": {"firing": _TEXT, "resolved": "{{ len .Alerts.Resolved }}"},
    },
    pairs=("details",),
)
CHAT = Receiver(
    "chat",
    "slack",
    {"api_url_file": f"{SECRETS}/slack-url", "channel": "#vllm-alerts"},
    {
        "send_resolved": True,
        "title": '{{ template "vllm.slack.title" . }}',
        "fallback": '{{ template "vllm.slack.title" . }}',  # Alertmanager's own shows names as they are
        "title_link": _BOARD,
        "text": '{{ template "vllm.slack" . }}',
    },
)
LOG = Receiver(
    "log",
    "webhook",
    {
        "url": "https://alerts.example/vllm",
        "http_config": {"authorization": {"credentials_file": f"{SECRETS}/webhook-token"}},
    },
    {"max_alerts": MOST},
)
_TEAMS = {
    "send_resolved": True,
    "title": '{{ template "vllm.teams.title" . }}',
    "text": '{{ template "vllm.teams" . }}',
}
OTHERS = (
    Receiver("teams", "msteamsv2", {"webhook_url_file": f"{SECRETS}/teams-url"}, _TEAMS, since="0.28"),
    Receiver(
        "teams-connector",
        "msteams",
        {"webhook_url_file": f"{SECRETS}/teams-url"},
        {**_TEAMS, "summary": _TEAMS["title"]},
        since="0.27",
    ),
    Receiver(
        "mail",
        "email",
        {
            "to": "vllm-on-call@example.com",
            "from": "alertmanager@example.com",
            "smarthost": "smtp.example.com:587",
            "auth_username": "alertmanager",
            "auth_password_file": f"{SECRETS}/smtp-password",
        },
        {
            "send_resolved": True,
            "headers": {"Subject": _TITLE},
            "text": _TEXT,
            "html": f'<pre style="white-space: pre-wrap">{_TEXT}</pre>',
        },
        pairs=("headers",),
    ),
    Receiver(
        "opsgenie",
        "opsgenie",
        {"api_key_file": f"{SECRETS}/opsgenie-key"},
        {
            "message": _TITLE,
            "description": _TEXT,
            "priority": '{{ with .CommonLabels.severity }}{{ if eq . "critical" }}P1{{ else if eq . "warning" }}P3'
            "{{ else }}P5{{ end }}{{ else }}P3{{ end }}",
            "tags": "vllm,{{ .CommonLabels.severity }}",
        },
    ),
)
ROUTED = (PAGER, CHAT, LOG)
ALL = (*ROUTED, *OTHERS)


def definitions() -> str:
    """The templates that messages name."""
    return (FOLDER / DEFINITIONS).read_text(encoding="utf-8")


def data(receiver: Receiver) -> dict[str, Any]:
    """A receiver as a configuration of Alertmanager has it."""
    return {"name": receiver.name, f"{receiver.kind}_configs": [{**receiver.reach, **receiver.says}]}


def of_the_operator() -> dict[str, dict[str, Any]]:
    """Messages by kind, as an AlertmanagerConfig spells them; `vllm.tmpl` is put before each text that names it."""
    return {
        f"{one.kind}Configs": {camel(key): _paired(value, key in one.pairs) for key, value in one.says.items()}
        for one in ALL
    }


def _paired(value: Any, pairs: bool) -> Any:
    return [{"key": key, "value": text} for key, text in value.items()] if pairs else value
