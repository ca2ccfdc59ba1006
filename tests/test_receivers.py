"""What receivers of each kind are sent by a running Alertmanager: two hundred alerts with hostile names."""

from __future__ import annotations

import email
import email.policy
import functools
import json
import re
import socketserver
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from charts import of_kind, render
from harness.processes import free_port, process
from harness.programs import ROOT, tree_of
from page_server import Server, running
from test_alertmanager import _amtools

CONFIGS = ROOT / "deploy/alertmanager"
RECEIVERS = yaml.safe_load((CONFIGS / "receivers.yml").read_text())["receivers"]
NEWER = {"teams": "0.28", "teams-connector": "0.27"}
HOSTILE = (
    "<!channel> <https://evil.example|Board> [Board](https://evil.example) <b>x</b> `$(id)`\nResolved: fine" + "x" * 900
)
MANY = 200
LARGEST = 12_000  # bytes of one message


def _version(amtool: Path) -> tuple[int, ...]:
    said = subprocess.run([amtool, "--version"], capture_output=True, text=True, check=True)
    return tuple(int(n) for n in re.findall(r"version (\d+)\.(\d+)", said.stdout + said.stderr)[0])


def _known(amtool: Path) -> list[dict[str, Any]]:
    """The receivers that this version has, by what the file's heading says."""
    version = _version(amtool)
    return [r for r in RECEIVERS if version >= tuple(map(int, NEWER.get(r["name"], "0.25").split(".")))]


@pytest.mark.parametrize("amtool", _amtools(), ids=str)
def test_every_receiver_loads(amtool: Path, tmp_path: Path) -> None:
    """In the place of the three that the example routes to; each as the only one, too."""
    heading = (CONFIGS / "receivers.yml").read_text().partition("receivers:")[0]
    for name, version in NEWER.items():
        assert f"{name} needs Alertmanager {version}." in heading
    known = _known(amtool)
    assert {"pager", "chat", "log", "mail", "opsgenie"} <= {receiver["name"] for receiver in known}
    for chosen in (known, *([receiver] for receiver in known)):
        config = {
            "route": {"receiver": chosen[0]["name"]},
            "receivers": chosen,
            "templates": [str(CONFIGS / "vllm.tmpl")],
        }
        (tmp_path / "alertmanager.yml").write_text(yaml.safe_dump(config))
        done = subprocess.run(
            [amtool, "check-config", tmp_path / "alertmanager.yml"], capture_output=True, text=True, check=False
        )
        assert 0 == done.returncode, done.stdout + done.stderr


def test_the_examples_own_receivers_are_the_same() -> None:
    """pager, chat and log of alertmanager.yml, word by word."""
    own = yaml.safe_load((CONFIGS / "alertmanager.yml").read_text())["receivers"]
    assert own == [receiver for receiver in RECEIVERS if receiver["name"] in ("pager", "chat", "log")]
    assert ["pager", "chat", "log"] == [receiver["name"] for receiver in own]


# ------------------------------------------------------------------------------------- through Alertmanager


class _Mail(socketserver.StreamRequestHandler):
    """Takes one mail, as a server that asks for no password."""

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        body: list[bytes] | None = None
        for line in self.rfile:
            if body is not None:
                if line.strip() == b".":
                    self.server.mails.append(b"".join(body))  # type: ignore[attr-defined]
                    body = None
                    self.wfile.write(b"250 taken\r\n")
                else:
                    body.append(line[1:] if line.startswith(b".") else line)
                continue
            word = line.split()[0].upper() if line.split() else b""
            if word == b"DATA":
                body = []
                self.wfile.write(b"354 go on\r\n")
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 fine\r\n")


@contextmanager
def _mailbox() -> Iterator[tuple[int, list[bytes]]]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mail) as server:
        server.mails = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server.server_address[1], server.mails  # type: ignore[attr-defined]
        server.shutdown()


def _here(receiver: Mapping[str, Any], host: str, smtp: int, folder: Path) -> dict[str, Any]:
    """A receiver whose address is on this machine, and its message as it was."""
    secret = folder / "secret"
    secret.write_text("s3cret")
    (kind,) = (key for key in receiver if key != "name")
    config = dict(receiver[kind][0])
    address = f"http://{host}/{receiver['name']}"
    (folder / receiver["name"]).write_text(address)
    for key in ("routing_key_file", "api_url_file", "webhook_url_file", "api_key_file"):
        if key in config:
            config[key] = str(folder / receiver["name"] if key.endswith("url_file") else secret)
    config |= {
        "pagerduty_configs": {"url": address},
        "webhook_configs": {"url": address, "http_config": {}},
        "opsgenie_configs": {"api_url": f"{address}/"},
        "email_configs": {"smarthost": f"127.0.0.1:{smtp}", "require_tls": False},
    }.get(kind, {})
    for key in ("auth_username", "auth_password_file"):
        config.pop(key, None)
    return {"name": receiver["name"], kind: [config]}


def _alerts(ended: bool) -> list[dict[str, Any]]:
    """Two hundred alerts of one kind, as Prometheus sends them; an alert that begins now waits for its group."""
    now = datetime.now(timezone.utc)
    times = {"startsAt": (now - timedelta(seconds=30 if ended else 0)).isoformat()}
    if ended:
        times["endsAt"] = (now - timedelta(seconds=1)).isoformat()
    labels = {"alertname": "VllmTargetDown", "severity": "critical", "job": "vllm", "model_name": HOSTILE}
    return [
        {
            **times,
            "labels": {**labels, "instance": f"{n}.{HOSTILE}"},
            "annotations": {
                "summary": "A vLLM server can't be scraped.",
                "description": f"Down is {HOSTILE}",
                "runbook_url": "https://r.example/VllmTargetDown",
                "dashboard_url": "https://g.example/d/vllm-obs-engines",
            },
        }
        for n in range(MANY)
    ]


def _sent(
    alertmanager: Path, receivers: list[dict[str, Any]], folder: Path, more: Mapping[str, Any]
) -> dict[str, list[str]]:
    """The texts that each receiver got of two hundred alerts, first as they fire and then as they end."""
    server = Server()
    with ExitStack() as stack:
        smtp, mails = stack.enter_context(_mailbox())
        stack.enter_context(contextmanager(running)(server))
        here = [_here(receiver, server.host, smtp, folder) for receiver in receivers]
        got: dict[str, list[str]] = {receiver["name"]: [] for receiver in here}
        for receiver in here:
            takes = functools.partial(_take, got[receiver["name"]], b"ok" if "slack_configs" in receiver else b"1")
            for path in ("", "/v2/alerts"):
                server.answers[f"/{receiver['name']}{path}"] = takes
        soon = {"group_wait": "1s", "group_interval": "1s"}
        config = {
            "route": {
                "receiver": here[0]["name"], "group_by": ["alertname"], **soon,
                "routes": [{"receiver": receiver["name"], "continue": True} for receiver in here],
            },
            "receivers": here,
            **more,
        }  # fmt: skip
        (folder / "alertmanager.yml").write_text(yaml.safe_dump(config))
        port = free_port()
        command = [
            alertmanager, f"--config.file={folder / 'alertmanager.yml'}", f"--storage.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=", "--log.level=debug",
        ]  # fmt: skip
        url = f"http://127.0.0.1:{port}"
        environment = {"NO_PROXY": "127.0.0.1", "PATH": "/usr/bin:/bin"}
        stack.enter_context(
            process(command, folder / "log", f"{url}/-/ready", cwd=tree_of(alertmanager), environment=environment)
        )
        for ended in (False, True):
            assert 200 == httpx.post(f"{url}/api/v2/alerts", json=_alerts(ended), trust_env=False).status_code
            wanted = 2 if ended else 1
            deadline = time.monotonic() + 30
            while True:
                if "mail" in got:
                    got["mail"][:] = [mail.decode() for mail in mails]
                short = [name for name, texts in got.items() if len(texts) < wanted and name != "opsgenie"]
                if not short and got.get("opsgenie", ["x"]):  # Opsgenie is told of an end at another address
                    break
                assert time.monotonic() < deadline, (short, (folder / "log").read_text()[-3000:])
                time.sleep(0.1)
        return got


def _take(got: list[str], answer: bytes, request: BaseHTTPRequestHandler) -> None:
    """Keep what was posted."""
    text = request.body.decode()  # type: ignore[attr-defined]
    got.append(text)
    request.send_response(202 if "routing_key" in text else 200)
    request.send_header("Content-Length", str(len(answer)))
    request.end_headers()
    request.wfile.write(answer)


def _alertmanagers() -> list[Path]:
    return sorted(path for path in ROOT.glob(".tools/*/usr/bin/prometheus-alertmanager"))


@pytest.mark.parametrize("alertmanager", _alertmanagers(), ids=lambda path: path.parts[-4])
def test_no_receiver_gets_two_hundred_alerts(alertmanager: Path, tmp_path: Path) -> None:
    """Ten at most, when they fire and when they end; what a name says stays text."""
    amtool = alertmanager.with_name("amtool")
    templates = {"templates": [str(CONFIGS / "vllm.tmpl")]}
    _judge(_sent(alertmanager, _known(amtool), tmp_path, templates))


def _judge(sent: Mapping[str, list[str]]) -> None:
    for name, texts in sent.items():
        for text in texts:
            assert len(text) < (45_000 if name in ("log", "mail") else LARGEST), (name, len(text))
            shown = _shown(name, text)
            assert 10 >= shown.count("Down is"), name
            assert "\nResolved: fine" not in shown, name
            if name.startswith("teams"):
                assert {"https://r.example/VllmTargetDown", "https://g.example/d/vllm-obs-engines"} >= set(
                    re.findall(r"\]\(([^)]*)\)", shown)
                ), name
            if name == "mail":
                assert "<b>x</b>" not in shown
        assert any("10 of 200" in text or name == "log" for text in texts), name


def _shown(name: str, text: str) -> str:
    """What is put before people; of a mail its HTML."""
    if name == "mail":
        mail = email.message_from_string(text, policy=email.policy.default)
        part = mail.get_body(("html",))
        assert part is not None
        assert "\n" not in mail["Subject"]
        return str(part.get_content())
    data = json.loads(text) if name != "log" else {}  # a program reads the webhook
    if name == "opsgenie":
        data.pop("details", None)  # labels, each in a field of its own
    return "\n".join(_strings(data))


def _strings(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, (dict, list)):
        for each in data.values() if isinstance(data, dict) else data:
            yield from _strings(each)


# --------------------------------------------------------------------------------------- the chart's receivers

BARE = [
    {"name": "pager", "pagerdutyConfigs": [{"routingKey": {"name": "s", "key": "k"}}]},
    {"name": "chat", "slackConfigs": [{"apiURL": {"name": "s", "key": "k"}, "channel": "#x"}]},
    {"name": "log", "webhookConfigs": [{"url": "https://alerts.example"}]},
    {"name": "teams", "msteamsv2Configs": [{"webhookURL": {"name": "s", "key": "k"}}]},
    {"name": "teams-connector", "msteamsConfigs": [{"webhookUrl": {"name": "s", "key": "k"}}]},
    {"name": "mail", "emailConfigs": [{"to": "a@example.com", "from": "b@example.com", "smarthost": "m:25"}]},
    {"name": "opsgenie", "opsgenieConfigs": [{"apiKey": {"name": "s", "key": "k"}}]},
]


def _of_the_chart(receivers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    values = {"alertmanagerConfig": {"enabled": True, "route": {"receiver": "pager"}, "receivers": receivers}}
    (document,) = of_kind(render(values), "AlertmanagerConfig")
    return list(document["spec"]["receivers"])


def _as_alertmanager_has_it(receiver: Mapping[str, Any]) -> dict[str, Any]:
    """What the operator makes of a receiver: other spellings, maps in the place of lists of pairs."""
    (kind,) = (key for key in receiver if key != "name")
    (example,) = (r for r in RECEIVERS if r["name"] == receiver["name"])
    (own,) = (key for key in example if key != "name")
    config: dict[str, Any] = {}
    for key, value in receiver[kind][0].items():
        snake = re.sub(r"(?<=[a-z])([A-Z])", lambda found: f"_{found[1].lower()}", key)
        if snake in example[own][0] and not isinstance(value, dict):
            pairs = isinstance(value, list) and all(set(pair) == {"key", "value"} for pair in value)
            config[snake] = {pair["key"]: pair["value"] for pair in value} if pairs else value
    places = {
        k: v for k, v in example[own][0].items() if k.endswith(("_file", "url")) or k in ("to", "from", "smarthost")
    }
    return {"name": receiver["name"], own: [{**places, **config}]}


@pytest.mark.parametrize("alertmanager", _alertmanagers()[-1:], ids=lambda path: path.parts[-4])
def test_receivers_of_the_chart_get_the_same_messages(alertmanager: Path, tmp_path: Path) -> None:
    """Without a template file, which an AlertmanagerConfig can't bring."""
    own = [_as_alertmanager_has_it(receiver) for receiver in _of_the_chart(BARE)]
    _judge(_sent(alertmanager, own, tmp_path, {}))


def test_a_receivers_own_message_stays() -> None:
    """What the values say is not overwritten, and receivers of other kinds are as they were."""
    given = [
        {
            "name": "pager",
            "pagerdutyConfigs": [{"routingKey": {"name": "s", "key": "k"}, "description": "mine", "details": []}],
        },
        {
            "name": "log",
            "webhookConfigs": [{"url": "https://a.example", "maxAlerts": 50}, {"url": "https://b.example"}],
        },
        {"name": "wechat", "wechatConfigs": [{"corpID": "x"}]},
        {"name": "chat", "slackConfigs": [{"channel": "#x", "text": None, "sendResolved": False}]},
    ]
    pager, log, wechat, chat = _of_the_chart(given)

    assert ("mine", []) == (pager["pagerdutyConfigs"][0]["description"], pager["pagerdutyConfigs"][0]["details"])
    assert "severity" in pager["pagerdutyConfigs"][0]
    assert [50, 10] == [config["maxAlerts"] for config in log["webhookConfigs"]]
    assert given[2] == wechat
    assert 'template "vllm.slack"' in chat["slackConfigs"][0]["text"]  # null: not mine
    assert False is chat["slackConfigs"][0]["sendResolved"]
