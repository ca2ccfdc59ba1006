"""deploy/scale-out and the snippets of the guides: what can be said of them without running a store."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from harness.processes import free_port, process
from harness.programs import ROOT, prometheus_lines
from test_compose import compose
from vllm_observability.boards.forms import fleet
from vllm_observability.boards.panels import dashboards
from vllm_observability.catalog import boards
from vllm_observability.queries.recorded import plan
from vllm_observability.render.deploy.scale_out_yaml import shipped
from vllm_observability.settings import Settings, parse

FOLDER = ROOT / "deploy/scale-out"


def _check(promtool: Path, config: Any, folder: Path) -> str:
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    command = [promtool, "check", "config", folder / "prometheus.yml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("line", prometheus_lines(), ids=str)
def test_a_clusters_configuration_loads(line: Any, tmp_path: Path) -> None:
    """promtool takes it as it is, without any secret, and with a token to send with."""
    text = (FOLDER / "prometheus-cluster.yml").read_text().replace("/etc/prometheus/", f"{tmp_path}/")
    for name in ("targets", "secrets"):
        (tmp_path / name).mkdir()
    (tmp_path / "targets/targets.yaml").write_text("[]")

    assert "" == _check(line.promtool, yaml.safe_load(text), tmp_path)
    with_token = yaml.safe_load(re.sub(r"# (authorization:|  credentials_file:)", r"\1", text))
    (write,) = with_token["remote_write"]
    assert f"{tmp_path}/secrets/remote-write-token" == write["authorization"]["credentials_file"]
    (tmp_path / "secrets/remote-write-token").write_text("token")
    assert "" == _check(line.promtool, with_token, tmp_path)


def test_a_targets_own_cluster_does_not_beat_the_clusters_name(tmp_path: Path) -> None:
    """Federation adds external labels as sending does: only where a series has none of that name."""
    port = free_port()
    (tmp_path / "targets").mkdir()
    targets = [{"targets": [f"127.0.0.1:{port}"], "labels": {"cluster": "local", "replica": "x", "zone": "z"}}]
    (tmp_path / "targets/targets.yaml").write_text(yaml.safe_dump(targets))
    text = (FOLDER / "prometheus-cluster.yml").read_text().replace("/etc/prometheus/", f"{tmp_path}/")
    config = yaml.safe_load(text.replace("CHANGE-ME", "a").replace("scrape_interval: 15s", "scrape_interval: 1s"))
    del config["remote_write"], config["alerting"]
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))
    url = f"http://127.0.0.1:{port}"
    command = [
        prometheus_lines()[-1].prometheus, f"--config.file={tmp_path / 'prometheus.yml'}",
        f"--storage.tsdb.path={tmp_path / 'data'}", f"--web.listen-address=127.0.0.1:{port}",
    ]  # fmt: skip
    with process(command, tmp_path / "log", f"{url}/-/ready"):
        deadline, page = time.monotonic() + 30, ""
        while "up{" not in page and time.monotonic() < deadline:
            time.sleep(0.3)
            page = httpx.get(f"{url}/federate", params={"match[]": 'up{job="vllm"}'}, trust_env=False).text

    (labels,) = re.findall(r"^up\{(.*?)\}", page, re.MULTILINE)
    assert {'cluster="a"', 'zone="z"'} <= set(labels.split(","))
    assert "replica" not in labels


def test_the_guide_names_every_file_that_the_configuration_reads() -> None:
    """Whoever follows it word by word lacks none."""
    guide = (ROOT / "docs/scale-out.md").read_text()
    read = set(re.findall(r"/etc/prometheus/[\w./-]*", (FOLDER / "prometheus-cluster.yml").read_text()))

    assert 3 == len(read)
    assert [] == [path for path in sorted(read) if path.rstrip("/") not in guide]


def test_the_sidecar_may_write_where_it_must() -> None:
    """It notes in Prometheus' own volume what it has uploaded; both meet on one volume and one network."""
    done = compose("--profile", "*", "config", "--format", "json", file=FOLDER / "thanos/docker-compose.yml")
    stack = yaml.safe_load(done.stdout)
    (data,) = [v for v in stack["services"]["sidecar"]["volumes"] if v["target"] == "/prometheus"]
    beside = yaml.safe_load(compose("config", "--format", "json").stdout)

    assert not data.get("read_only", False)
    assert beside["volumes"]["prometheus"]["name"] == stack["volumes"][data["source"]]["name"]
    assert {beside["networks"]["monitoring"]["name"]} == {
        stack["networks"][name]["name"] for name in stack["services"]["sidecar"]["networks"]
    }


def _shipped(settings: Settings) -> re.Pattern[str]:
    boards_of_a_fleet = dashboards(boards.ALL, fleet(plan(settings)))
    return re.compile("|".join(shipped(settings, boards_of_a_fleet)))


def test_only_what_fleet_boards_read_leaves_a_cluster() -> None:
    """Recorded series and alerts do; buckets never do, whatever the prefix."""
    pattern, ray = _shipped(Settings()), _shipped(parse({"metric_prefixes": ["ray_vllm_"]}))

    for name in (
        "model:vllm_requests_running:sum",
        "engine:vllm_requests_waiting:sum",
        "ALERTS",
        "ALERTS_FOR_STATE",
        "up",
    ):
        assert pattern.fullmatch(name), name
    for name in ("vllm:time_to_first_token_seconds_bucket", "vllm:request_success_total", "http_requests_total"):
        assert not pattern.fullmatch(name), name
    assert ray.fullmatch("ray_vllm_num_requests_running")
    assert not ray.fullmatch("ray_vllm_e2e_request_latency_seconds_bucket")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/docker-compose.yml")), ids=lambda path: path.parent.name)
def test_compose_takes_the_stores(path: Path) -> None:
    """`config -q` finds nothing wrong; only this machine's ports are used, nothing runs as root."""
    done = compose("--profile", "*", "config", "--format", "json", file=path)
    assert done.returncode == 0, done.stderr
    for name, service in yaml.safe_load(done.stdout)["services"].items():
        assert {"127.0.0.1"} >= {port["host_ip"] for port in service.get("ports", [])}, name
        assert (True, ["ALL"], "65534:65534") == (service["read_only"], service["cap_drop"], service["user"]), name


def test_the_guides_snippets_are_yaml_that_prometheus_takes(tmp_path: Path) -> None:
    """The job with a header of its own needs a newer Prometheus than the oldest supported; the newest here has it."""
    text = (ROOT / "docs/docker.md").read_text()
    (job,) = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)[0])
    line = prometheus_lines()[-1]

    assert ["/etc/prometheus/secrets/vllm-api-key"] == job["http_headers"]["X-Api-Key"]["files"]
    job["http_headers"]["X-Api-Key"]["files"] = [str(tmp_path / "key")]
    (tmp_path / "key").write_text("k")
    found = _check(line.promtool, {"scrape_configs": [job]}, tmp_path)
    assert ("" == found) is (int(line.version.split(".")[0]) >= 3), found


@pytest.mark.parametrize("path", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.stem)
def test_guides_name_files_that_are_there(path: Path) -> None:
    """Every path below deploy, alerts or tests that a guide names exists, but for secrets and what Compose is given."""
    named = set(re.findall(r"`((?:deploy|alerts|dashboards|tests)/[\w./-]*)`", path.read_text()))

    assert [] == [name for name in sorted(named) if not (ROOT / name).exists()]
