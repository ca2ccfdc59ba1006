"""deploy/compose: Compose takes it, nothing in it is open by accident, and its files work with the real programs."""

from __future__ import annotations

import functools
import json
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from harness.processes import free_port, process, prometheus_process
from harness.programs import ROOT, backfill, openmetrics_line, prometheus_lines, write_rules
from harness.stack import alertmanager_of
from page_server import CERTIFICATE, Answer, Server, encrypted, running
from vllm_observability.build.artefacts import artefacts
from vllm_observability.settings import parse

FOLDER = ROOT / "deploy/compose"
COMPOSE = ROOT / ".tools/compose/usr/bin/docker-compose"  # of `make tools`: one on PATH may be of the first line
PROFILES = ((), ("demo",), ("gpu",), ("demo", "gpu"))


@functools.cache
def _built() -> dict[str, str]:
    return artefacts(FAST)


def compose(*words: str, file: Path = FOLDER / "docker-compose.yml") -> subprocess.CompletedProcess[str]:
    """The Compose binary; it needs no engine to read a file."""
    command = [str(COMPOSE), "--env-file", "/dev/null", "-f", str(file), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    """Every service of every profile, as Compose understands it."""
    done = compose("--profile", "*", "config", "--format", "json")
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)["services"]
    return found


@pytest.mark.parametrize("profiles", PROFILES, ids=lambda names: "+".join(names) or "plain")
def test_compose_takes_every_profile(profiles: tuple[str, ...]) -> None:
    """`config -q` finds nothing wrong."""
    done = compose(*(word for name in profiles for word in ("--profile", name)), "config", "-q")

    assert (0, "") == (done.returncode, done.stderr)


def test_nothing_is_open_by_accident(services: dict[str, dict[str, Any]]) -> None:
    """Ports of this machine only, no root, nothing to write to but what is named, no capability, limits everywhere."""
    assert {"prometheus", "alertmanager", "grafana", "demo", "dcgm-exporter", "node-exporter"} == set(services)
    for name, service in services.items():
        assert {"127.0.0.1"} >= {port["host_ip"] for port in service.get("ports", [])}, name
        assert not service["user"].startswith(("0", "root")), name
        assert service["read_only"], name
        assert ["ALL"] == service["cap_drop"], name
        assert "cap_add" not in service, name
        assert not service.get("privileged", False), name
        assert ["no-new-privileges:true"] == service["security_opt"], name
        limits = service["deploy"]["resources"]["limits"]
        assert {"memory", "cpus", "pids"} <= set(limits), name
        assert "unless-stopped" == service["restart"], name
        assert "healthcheck" in service, name
        for volume in service.get("volumes", []):
            assert volume["type"] == "volume" or volume["read_only"], (name, volume)
    assert {"prometheus", "alertmanager", "grafana"} == {name for name, s in services.items() if "ports" in s}


def test_images_are_pinned(services: dict[str, dict[str, Any]]) -> None:
    """A version in every tag; what is built here is named as such."""
    for name, service in services.items():
        if "build" not in service:
            assert re.search(r":v?\d+\.\d+\.\d+", service["image"]), name


def test_nobody_comes_in_without_a_password(services: dict[str, dict[str, Any]]) -> None:
    """Grafana: no anonymous access, no sign-up, no word to its makers."""
    environment = services["grafana"]["environment"]

    (mount,) = [v for v in services["grafana"]["volumes"] if v["target"] == "/run/secrets/admin-password"]
    assert mount["target"] == environment["GF_SECURITY_ADMIN_PASSWORD__FILE"]
    assert not mount["bind"].get("create_host_path", False)  # without a password nothing starts
    assert "grafana/admin-password" in (FOLDER / ".gitignore").read_text().splitlines()
    off = ("AUTH_ANONYMOUS_ENABLED", "USERS_ALLOW_SIGN_UP", "ANALYTICS_REPORTING_ENABLED", "SNAPSHOTS_EXTERNAL_ENABLED")
    assert {"false"} == {environment[f"GF_{name}"] for name in off}


def test_no_secret_stands_in_an_environment(services: dict[str, dict[str, Any]]) -> None:
    """`docker inspect` shows environments to whoever may ask; files have owners."""
    named = {name for service in services.values() for name in service.get("environment", {})}

    assert "GF_SECURITY_ADMIN_PASSWORD__FILE" in named
    assert set() == {n for n in named if re.search("PASSWORD|TOKEN|SECRET|KEY", n) and not n.endswith("__FILE")}
    assert not re.search(r"(?i)password|token|key", (FOLDER / ".env.example").read_text().split("\n", 1)[1])


def _binds(services: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """What every service mounts of this machine."""
    return [v for service in services.values() for v in service.get("volumes", []) if v["type"] == "bind"]


def test_mounts_follow_an_edit(services: dict[str, dict[str, Any]]) -> None:
    """Editors, sed and git replace files: a container that mounts one goes on seeing the old one, so folders are
    mounted. The password is read once, at the first start. SELinux lets containers read all of them."""
    binds = _binds(services)
    of_host = [volume for volume in binds if volume["source"] == "/"]

    assert 1 == len(of_host)
    for volume in (volume for volume in binds if volume not in of_host):
        assert Path(volume["source"]).is_dir() or volume["target"] == "/run/secrets/admin-password", volume
        assert "z" == volume["bind"]["selinux"], volume
    flags = [flag for name in ("prometheus", "alertmanager") for flag in services[name]["command"]]
    inside = {volume["target"]: Path(volume["source"]) for volume in binds}
    configs = [Path(flag.partition("=")[2]) for flag in flags if flag.startswith("--config.file=")]
    assert [True, True] == [(inside[str(path.parent)] / path.name).is_file() for path in configs]


@pytest.mark.parametrize("name", ["targets.yaml", "secured.yaml"])
def test_nothing_is_scraped_that_nobody_named(name: str) -> None:
    """A server that is not there pages: a demo on a laptop must not do so in its first minute."""
    assert [] == yaml.safe_load((FOLDER / "targets" / name).read_text())


def test_what_is_mounted_is_there(services: dict[str, dict[str, Any]]) -> None:
    """Each path of this machine exists, or Docker would make an empty folder of it."""
    binds = _binds(services)

    assert len(binds) > 8
    missing = [volume["source"] for volume in binds if not Path(volume["source"]).exists()]
    assert missing in ([], [str(FOLDER / "grafana/admin-password")])  # each site's own
    inside = {volume["target"] for volume in binds}
    assert {"/etc/prometheus/rules", "/etc/prometheus/targets", "/etc/vllm-dashboards"} <= inside


def test_a_checkout_that_only_its_owner_reads_is_opened_by_the_guides_command(
    services: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    """Under umask 077 no container, which runs as another user, could read what is mounted."""
    (command,) = re.findall(r"`(chmod -R a\+rX [^`]+)`", (ROOT / "docs/docker.md").read_text())
    for part in ("alerts", "dashboards", "deploy/alertmanager", "deploy/compose"):
        shutil.copytree(ROOT / part, tmp_path / part)
    for path in (tmp_path, *tmp_path.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    subprocess.run(command.split(), cwd=tmp_path / "deploy/compose", check=True)

    binds = _binds(services)
    inside = [Path(v["source"]).relative_to(ROOT) for v in binds if Path(v["source"]).is_relative_to(ROOT)]
    mounted = [
        path for source in inside for path in (tmp_path / source, *(tmp_path / source).rglob("*")) if path.exists()
    ]
    assert len(inside) > 8
    assert len(mounted) > 40
    assert [] == [path for path in mounted if (path.stat().st_mode & 0o005) != (0o005 if path.is_dir() else 0o004)]


def test_grafana_is_provisioned(services: dict[str, dict[str, Any]]) -> None:
    """One default data source of the kind that the boards choose from, and the boards' own folder."""
    source, manager = yaml.safe_load((FOLDER / "grafana/datasources/vllm.yaml").read_text())["datasources"]
    (provider,) = yaml.safe_load((FOLDER / "grafana/dashboards/vllm.yaml").read_text())["providers"]
    mounted = {v["target"]: Path(v["source"]) for v in services["grafana"]["volumes"] if v["type"] == "bind"}

    assert ("prometheus", True, "http://prometheus:9090") == (source["type"], source["isDefault"], source["url"])
    assert ("alertmanager", "http://alertmanager:9093") == (manager["type"], manager["url"])
    assert source["jsonData"]["alertmanagerUid"] == manager["uid"]
    assert "prometheus" == manager["jsonData"]["implementation"]
    emitted = {Path(path).name for path in _built() if re.match(r"dashboards/.*\.json", path)}
    assert emitted == {path.name for path in mounted[provider["options"]["path"]].rglob("*.json")}
    home = services["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (mounted[str(Path(home).parent)] / Path(home).name).exists()


@pytest.mark.parametrize("line", prometheus_lines(), ids=str)
def test_the_configuration_loads(line: Any, tmp_path: Path) -> None:
    """promtool takes the emitted file, its rules and its targets. Of secrets it asks for the token alone, which the
    server itself reads when it scrapes: without one nothing is amiss until there is a server that wants it."""
    _written(tmp_path, (FOLDER / "prometheus/prometheus.yml").read_text(), {})
    shutil.copytree(FOLDER / "targets", tmp_path / "targets")
    shutil.copytree(ROOT / "alerts", tmp_path / "rules")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/vllm-token").write_text("token")
    command = [line.promtool, "check", "config", tmp_path / "prometheus.yml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\d{2,} rules found", done.stdout)


# ------------------------------------------------------------------------------------------- it works

# The same files with shorter times: a test can't wait for minutes.
FAST = parse(
    {
        "scrape_interval": "1s", "evaluation_interval": "1s", "rate_window": "20s",
        "holds": {"target_down": {"critical": "3s"}, "metrics_missing": {"warning": "3s"}},
    }
)  # fmt: skip


def test_an_authority_of_ones_own_is_trusted_beside_the_public_ones(
    services: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    """The emitted job for servers behind TLS, the environment of the Compose file, and a certificate in `secrets`."""
    server = encrypted(Server())
    server.answers["/metrics"] = Answer(headers={"Content-Type": "text/plain; version=0.0.4"})
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    _written(tmp_path, _built()["deploy/compose/prometheus/prometheus.yml"], {"localhost:9090": f"127.0.0.1:{port}"})
    (tmp_path / "rules").mkdir()
    (tmp_path / "targets").mkdir()
    (tmp_path / "targets/targets.yaml").write_text("[]")
    (tmp_path / "targets/secured.yaml").write_text(yaml.safe_dump([{"targets": [server.host]}]))
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/vllm-token").write_text("the-token")
    shutil.copy(CERTIFICATE, tmp_path / "secrets/vllm-ca.pem")
    environment = {
        name: value.replace("/etc/prometheus/", f"{tmp_path}/")
        for name, value in services["prometheus"]["environment"].items()
    }
    command = [
        prometheus_lines()[-1].prometheus, f"--config.file={tmp_path / 'prometheus.yml'}",
        f"--storage.tsdb.path={tmp_path / 'data'}", f"--web.listen-address=127.0.0.1:{port}",
    ]  # fmt: skip
    with ExitStack() as stack:
        stack.enter_context(contextmanager(running)(server))
        stack.enter_context(process(command, tmp_path / "log", f"{url}/-/ready", environment=environment))
        deadline, up = time.monotonic() + 30, ""
        while up != "1" and time.monotonic() < deadline:
            time.sleep(0.3)
            up = next((row["value"][1] for row in _ask(url, 'up{job="vllm-secured"}')), "")
        targets = httpx.get(f"{url}/api/v1/targets", trust_env=False).json()["data"]["activeTargets"]

    assert "1" == up, [target["lastError"] for target in targets]
    assert "Bearer the-token" == server.seen[0][1]["Authorization"]


def _written(folder: Path, prometheus: str, addresses: Mapping[str, str]) -> None:
    """prometheus.yml with paths of this machine."""
    for inside, here in {"/etc/prometheus/": f"{folder}/", **addresses}.items():
        assert inside in prometheus, f"{inside} is not in prometheus.yml"
        prometheus = prometheus.replace(inside, here)
    (folder / "prometheus.yml").write_text(prometheus)


class _World(ThreadingHTTPServer):
    """A vLLM without statistics, and every service that Alertmanager talks to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Everything)
        self.got: list[tuple[str, dict[str, str], Any]] = []  # path, headers, what was posted

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def wait(self, path: str, seconds: float) -> tuple[dict[str, str], Any]:
        """The first message to a path."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for to, headers, body in list(self.got):
                if to == path:
                    return headers, body
            time.sleep(0.2)
        raise AssertionError(f"nothing came to {path} in {seconds:.0f} s, only {[to for to, *_ in self.got]}")


class _Everything(BaseHTTPRequestHandler):
    server: _World

    def do_GET(self) -> None:
        body = json.dumps([]).encode() if self.path == "/sd" else b"process_cpu_seconds_total 1\n"
        self.send_response(200)
        self.send_header("Content-Type", "application/json" if self.path == "/sd" else "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.got.append((self.path, dict(self.headers), body))
        self.send_response(202 if self.path == "/pagerduty" else 200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def _world() -> Iterator[_World]:
    world = _World()
    thread = threading.Thread(target=world.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield world
    finally:
        world.shutdown()
        thread.join()
        world.server_close()


def _ask(url: str, query: str) -> list[Any]:
    answer = httpx.get(f"{url}/api/v1/query", params={"query": query}, trust_env=False).json()
    found: list[Any] = answer["data"]["result"]
    return found


def test_a_dead_server_pages_and_data_outlives_a_crash(tmp_path: Path) -> None:
    """The emitted files, with addresses and paths of this machine and nothing else changed: a target that answered
    and is gone reaches the pager, one without statistics the chat, each with its secret; Prometheus is killed and
    forgets nothing.
    """
    files, line = _built(), prometheus_lines()[-1]
    with ExitStack() as stack:
        world = stack.enter_context(_world())
        ports = {"prometheus": free_port(), "alertmanager": free_port()}
        manager = f"127.0.0.1:{ports['alertmanager']}"
        home = tmp_path / "prometheus"
        write_rules(files, home / "rules")
        (home / "targets").mkdir()
        gone = f"127.0.0.1:{free_port()}"
        (home / "targets/targets.yaml").write_text(yaml.safe_dump([{"targets": [gone, world.address]}]))
        (home / "targets/secured.yaml").write_text("[]")
        itself = f"127.0.0.1:{ports['prometheus']}"
        addresses = {"alertmanager:9093": manager, "demo:8000": world.address, "localhost:9090": itself}
        _written(home, files["deploy/compose/prometheus/prometheus.yml"], addresses)
        stack.enter_context(_alertmanager(tmp_path / "alertmanager", files, world, ports["alertmanager"]))
        config, data, port = home / "prometheus.yml", home / "data", ports["prometheus"]
        now = int(time.time())  # a server that never answered is only starting: this one did until now
        answered = [openmetrics_line("up", {"job": "vllm", "instance": gone}, 1, now - n) for n in range(900, 30, -30)]
        backfill("".join([*answered, "# EOF\n"]), data, line)
        with prometheus_process(line.prometheus, config, data, port=port) as (url, first):
            headers, page = world.wait("/pagerduty", 60)
            assert ("pagerduty-secret", "trigger") == (page["routing_key"], page["event_action"])
            assert "[CRITICAL] VllmTargetDown" == page["payload"]["summary"]
            assert f"Prometheus can't scrape {gone}." in page["payload"]["custom_details"]["firing"]
            before = _ask(url, "count_over_time(up[5m])")
            first.send_signal(signal.SIGKILL)
            first.wait()
        with prometheus_process(line.prometheus, config, data, port=port):
            after = {row["metric"]["instance"]: float(row["value"][1]) for row in _ask(url, "count_over_time(up[5m])")}
            for row in before:  # the last second may be lost, not more
                assert after[row["metric"]["instance"]] >= float(row["value"][1]) - 1
            headers, chat = world.wait("/slack-secret", 90)
        (message,) = chat["attachments"]
        assert "[WARNING] VllmMetricsMissing" == message["title"]
        assert f"{world.address} is up, but exposes no metric of the engine." in message["text"]
        assert "/VllmMetricsMissing|Runbook>" in message["text"]
        assert headers


@contextmanager
def _alertmanager(folder: Path, files: Mapping[str, str], world: _World, port: int) -> Iterator[None]:
    """The emitted configuration and the template beside it; addresses lead to `world`, secrets are files."""
    (folder / "secrets").mkdir(parents=True)
    secrets = {
        "pagerduty-key": "pagerduty-secret", "slack-url": f"http://{world.address}/slack-secret", "webhook-token": "t"
    }  # fmt: skip
    for name, secret in secrets.items():
        (folder / "secrets" / name).write_text(secret)
    config = files["deploy/alertmanager/alertmanager.yml"]
    addresses = {
        "/etc/alertmanager/": f"{folder}/", "https://events.pagerduty.com/v2/enqueue": f"http://{world.address}/pagerduty",
        "https://alerts.example/vllm": f"http://{world.address}/log",
    }  # fmt: skip
    for inside, here in addresses.items():
        assert inside in config, f"{inside} is not in alertmanager.yml"
        config = config.replace(inside, here)
    (folder / "alertmanager.yml").write_text(config)
    shutil.copy(ROOT / "deploy/alertmanager/vllm.tmpl", folder)
    with alertmanager_of(folder / "alertmanager.yml", port):
        yield
