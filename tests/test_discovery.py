"""Jobs that discover, and agents that send: targets have the labels of the rules, and what is sent is recorded."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from charts import emitted_rules
from harness.processes import free_port, process, prometheus_process
from harness.programs import ROOT, Line, prometheus_lines
from harness.stack import fleet
from vllm_observability.render.deploy.discovery import discovery_files
from vllm_observability.rules.site import rules_for
from vllm_observability.settings import Settings, parse
from vllm_observability.settings.selectors import matchers
from vllm_observability.simulate import show

LINES = prometheus_lines()
DEPLOY = ROOT / "deploy"
JOBS = ("consul", "dns", "ec2", "kubernetes")


def _job(name: str, settings: Settings | None = None) -> dict[str, Any]:
    path = f"discovery/{name}.yaml"
    text = discovery_files(settings, ())[path] if settings else (DEPLOY / path).read_text()
    (job,) = yaml.safe_load(text)["scrape_configs"]
    return dict(job)


def _static(job: Mapping[str, Any], path: Path, targets: list[dict[str, Any]]) -> dict[str, Any]:
    """The job over a file in the place of what it asks: `__meta_…` labels come from there."""
    path.write_text(json.dumps(targets))
    rest = {key: value for key, value in job.items() if not key.endswith("_sd_configs")}
    return {**rest, "file_sd_configs": [{"files": [str(path)]}]}


def _check(line: Line, config: Path, *more: str) -> str:
    done = subprocess.run(
        [line.promtool, "check", "config", *more, config], capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("name", JOBS)
@pytest.mark.parametrize("line", LINES, ids=str)
def test_prometheus_takes_the_job(line: Line, name: str, tmp_path: Path) -> None:
    """As it stands, where this build of Prometheus has that discovery; the rest of it everywhere."""
    faults = _check(line, DEPLOY / f"discovery/{name}.yaml")
    assert "" == faults or f"field {name}_sd_configs not found" in faults
    config = {"scrape_configs": [_static(_job(name), tmp_path / "targets.json", [])]}
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))
    assert "" == _check(line, tmp_path / "prometheus.yml")


def test_each_discovery_but_consul_is_known_to_one_prometheus_here() -> None:
    """Debian leaves Consul out of every build; docs/checks.md says so."""
    for name in set(JOBS) - {"consul"}:
        assert any("" == _check(line, DEPLOY / f"discovery/{name}.yaml") for line in LINES), name


POD = {
    "__meta_kubernetes_namespace": "llm",
    "__meta_kubernetes_pod_name": "chat-0",
    "__meta_kubernetes_pod_node_name": "node-1",
    "__meta_kubernetes_pod_phase": "Running",
    "__meta_kubernetes_pod_container_port_name": "http",
    "__meta_kubernetes_pod_label_app": "vllm",
}
LWS, RAY = (
    "__meta_kubernetes_pod_label_leaderworkerset_sigs_k8s_io_worker_index",
    "__meta_kubernetes_pod_label_ray_io_node_type",
)
# Called as people call it, not by its address.
SERVER = {"job": "vllm", "namespace": "llm", "pod": "chat-0", "node": "node-1", "instance": "chat-0:8000"}
FOUND: dict[str, list[tuple[dict[str, str], dict[str, str] | None]]] = {
    "kubernetes": [
        (POD, SERVER),
        ({**POD, LWS: "0"}, SERVER),
        ({**POD, LWS: "1"}, None),
        ({**POD, LWS: "12"}, None),
        ({**POD, RAY: "head"}, SERVER),
        ({**POD, RAY: "worker"}, None),
        ({**POD, "__meta_kubernetes_pod_phase": "Succeeded"}, None),
        ({**POD, "__meta_kubernetes_pod_container_port_name": "kv-transfer"}, None),
    ],
    "consul": [
        ({"__meta_consul_dc": "eu", "__meta_consul_node": "n1", "__meta_consul_health": "passing"},
         {"job": "vllm", "datacenter": "eu", "node": "n1"}),
        ({"__meta_consul_dc": "eu", "__meta_consul_node": "n1", "__meta_consul_health": "maintenance"}, None),
    ],
    "ec2": [
        ({"__meta_ec2_instance_id": "i-1", "__meta_ec2_availability_zone": "a", "__meta_ec2_instance_type": "p5"},
         {"job": "vllm", "node": "i-1", "zone": "a", "instance_type": "p5"}),
    ],
    "dns": [({"__meta_dns_name": "_vllm._tcp.example.internal"}, {"job": "vllm"})],
}  # fmt: skip


@pytest.mark.parametrize("name", JOBS)
def test_what_is_found_has_the_labels_of_the_rules(name: str, tmp_path: Path) -> None:
    """By a running Prometheus; what serves no metrics, as workers of a group over several nodes, is no target."""
    cases = FOUND[name]
    targets = [{"targets": [f"10.0.0.{n}:8000"], "labels": given} for n, (given, _) in enumerate(cases)]
    config = {"scrape_configs": [_static(_job(name), tmp_path / "targets.json", targets)]}
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))
    with prometheus_process(LINES[-1].prometheus, tmp_path / "prometheus.yml", tmp_path / "data", killed=True) as (
        url,
        _,
    ):
        active = _until(
            lambda: _targets(url), lambda found: len(found) == sum(labels is not None for _, labels in cases)
        )
    for n, (_, labels) in enumerate(cases):
        found = active.get(f"10.0.0.{n}:8000")
        assert found == (None if labels is None else {"instance": f"10.0.0.{n}:8000", **labels})


def _targets(url: str) -> dict[str, dict[str, str]]:
    data = httpx.get(f"{url}/api/v1/targets", trust_env=False).json()["data"]
    return {target["discoveredLabels"]["__address__"]: target["labels"] for target in data["activeTargets"]}


def _until(ask: Callable[[], Any], enough: Callable[[Any], bool], seconds: float = 40) -> Any:
    deadline = time.monotonic() + seconds
    while not enough(found := ask()):
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
    return found


@pytest.mark.parametrize("job", ["ray", "vllm-prod"])
def test_a_job_of_another_name_is_still_found_by_the_rules(job: str) -> None:
    """By the settings' own selector, and as often as they are built for."""
    settings = parse({"target_selector": f'job="{job}"', "scrape_interval": "30s"})
    ((label, _, value),) = matchers(settings.target_selector)
    for name in JOBS:
        own = _job(name, settings)
        assert {"target_label": label, "replacement": value} == own["relabel_configs"][-1]
        assert "30s" == own["scrape_interval"]
    monitoring = yaml.safe_load(discovery_files(settings, ())["managed/google/pod-monitoring.yaml"])
    assert (job, "30s") == (monitoring["metadata"]["name"], monitoring["spec"]["endpoints"][0]["interval"])


def test_the_scrape_config_says_what_the_job_says() -> None:
    """In the operator's words."""
    resource = yaml.safe_load((DEPLOY / "discovery/scrape-config.yaml").read_text())
    job = _job("dns")
    assert ("monitoring.coreos.com/v1alpha1", "ScrapeConfig") == (resource["apiVersion"], resource["kind"])
    assert job["dns_sd_configs"] == resource["spec"]["dnsSDConfigs"]
    assert [{"targetLabel": "job", "replacement": "vllm"}] == resource["spec"]["relabelings"]
    assert job["scrape_interval"] == resource["spec"]["scrapeInterval"]


# -------------------------------------------------------------------------------------------------- agents


def test_every_agent_finds_what_the_job_finds() -> None:
    """The same selector and the same relabel rules, in each one's own words."""
    job = _job("kubernetes")
    agent = yaml.safe_load((DEPLOY / "agents/prometheus-agent.yml").read_text())
    collector = yaml.safe_load((DEPLOY / "agents/otel-collector.yaml").read_text().replace("$$", "$"))
    assert [job] == agent["scrape_configs"]
    assert [job] == collector["receivers"]["prometheus"]["config"]["scrape_configs"]
    pipeline = collector["service"]["pipelines"]["metrics"]
    for kind in ("receivers", "processors", "exporters"):
        assert set(pipeline[kind]) == set(collector[kind])

    alloy = (DEPLOY / "agents/config.alloy").read_text()
    blocks = re.findall(r"  rule \{\n(.*?)\n  \}", alloy, re.DOTALL)
    rules = [
        {k.strip(): json.loads(v) for k, v in (line.split(" = ", 1) for line in block.splitlines())} for block in blocks
    ]
    assert job["relabel_configs"] == rules
    assert alloy.count("{") == alloy.count("}")


def test_what_an_agent_sends_is_recorded_centrally(tmp_path: Path) -> None:
    """Prometheus without rules scrapes and sends; a store with both files of alerts/ records it under the cluster."""
    line = LINES[-1]
    agent = yaml.safe_load((DEPLOY / "agents/prometheus-agent.yml").read_text())
    rules = sorted(str(path) for path in (ROOT / "alerts").glob("vllm-*.yaml"))
    (tmp_path / "store.yml").write_text(yaml.safe_dump({"global": {"evaluation_interval": "1s"}, "rule_files": rules}))
    with ExitStack() as stack:
        pages = stack.enter_context(fleet(show.scenario("steady", "60s", speed=1.0)))
        store, _ = stack.enter_context(
            prometheus_process(
                line.prometheus, tmp_path / "store.yml", tmp_path / "store", killed=True,
                arguments=["--web.enable-remote-write-receiver"],
            )
        )  # fmt: skip
        targets = [
            {
                "targets": [pages],
                "labels": {
                    **POD,
                    "__metrics_path__": f"/engines/{n}/metrics",
                    "__meta_kubernetes_pod_name": f"chat-{n}",
                },
            }
            for n in range(2)
        ]
        agent["scrape_configs"] = [_static(agent["scrape_configs"][0], tmp_path / "targets.json", targets)]
        agent["scrape_configs"][0]["scrape_interval"] = "1s"
        agent["global"]["external_labels"]["cluster"] = "eu"
        agent["remote_write"][0]["url"] = f"{store}/api/v1/write"
        (tmp_path / "agent.yml").write_text(yaml.safe_dump(agent))
        assert "" == _check(line, tmp_path / "agent.yml", "--agent")
        port = free_port()
        command = [line.prometheus, "--agent" if line.version.startswith("3") else "--enable-feature=agent",
                   f"--config.file={tmp_path / 'agent.yml'}", f"--storage.agent.path={tmp_path / 'agent'}",
                   f"--web.listen-address=127.0.0.1:{port}"]  # fmt: skip
        stack.enter_context(process(command, tmp_path / "agent.log", f"http://127.0.0.1:{port}/-/ready", killed=True))
        rows = _until(lambda: _asked(store, "engine:vllm_requests_running:sum"), lambda found: len(found) == 2)
    assert {("eu", "llm", "vllm")} == {tuple(row["metric"][k] for k in ("cluster", "namespace", "job")) for row in rows}


def _asked(url: str, query: str) -> list[dict[str, Any]]:
    answer = httpx.get(f"{url}/api/v1/query", params={"query": query}, trust_env=False).json()
    return list(answer["data"]["result"])


# ---------------------------------------------------------------------------------- Google Managed Prometheus


def test_google_gets_every_rule() -> None:
    """As in alerts/, with an interval for each group, as it asks, and no expression on names, which it refuses."""
    resource = yaml.safe_load((DEPLOY / "managed/google/rules.yaml").read_text())
    assert ("monitoring.googleapis.com/v1", "ClusterRules") == (resource["apiVersion"], resource["kind"])
    groups = resource["spec"]["groups"]
    assert all(set(group) == {"name", "interval", "rules"} for group in groups)
    assert emitted_rules() == [{**rule, "group": group["name"]} for group in groups for rule in group["rules"]]
    assert not any("__name__" in rule["expr"] for group in groups for rule in group["rules"])
    assert groups == yaml.safe_load(discovery_files(Settings(), _all())["managed/google/rules.yaml"])["spec"]["groups"]


def _all() -> tuple[Any, ...]:
    rules = rules_for(Settings())
    return (*rules.recording, *rules.alerting)
