"""Scrape jobs that find servers by themselves, agents that scrape for a central store: with the labels of the rules.

One job for each way to discover; agents and the resources of operators are the same job in other words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from vllm_observability.render.deploy.jobs import job_name
from vllm_observability.render.deploy.scrape_yaml import POD_AS_INSTANCE
from vllm_observability.render.rules_yaml import group_data, yaml_text
from vllm_observability.render.template_files import CHANGE
from vllm_observability.render.text_cases import camel
from vllm_observability.rules.records import RuleGroup
from vllm_observability.settings import Settings

Job = dict[str, Any]

CLUSTER = "CHANGE-ME"
STORE = "https://central.example/api/v1/write"
_LABELS = {"app": "vllm"}  # of the pods
_PORT = "http"
# Pods of a group over several nodes that serve no API: workers of a LeaderWorkerSet, of a Ray cluster.
_HEADLESS = {
    "leaderworkerset_sigs_k8s_io_worker_index": "[1-9][0-9]*",
    "ray_io_node_type": "worker",
}
_SAYS = """\
# A scrape job for Prometheus: copy it into scrape_configs, or name this file under scrape_config_files (from 2.43 on).
# metric_relabel_configs of deploy/prometheus/vllm-scrape.yaml go with it where series that nothing reads are too many.
"""


def discovery_files(settings: Settings, rules: Sequence[RuleGroup]) -> dict[str, str]:
    """Everything that is discovered or sent, by its path under deploy/; `rules`: all, for those with other forms."""
    jobs = {"kubernetes": kubernetes(settings), **_others(settings)}
    return {
        **{f"discovery/{name}.yaml": _SAYS + _emitted({"scrape_configs": [job]}) for name, job in jobs.items()},
        "discovery/scrape-config.yaml": "# ScrapeConfig of the Prometheus operator, for servers outside of a cluster.\n"
        + _emitted(_scrape_config(settings, jobs["dns"])),
        "agents/prometheus-agent.yml": _agent(settings),
        "agents/otel-collector.yaml": _collector(settings),
        "agents/config.alloy": _alloy(settings),
        "managed/google/pod-monitoring.yaml": "# Google Managed Prometheus calls the job after this resource.\n"
        + _emitted(_pod_monitoring(settings)),
        "managed/google/rules.yaml": _emitted(_cluster_rules(settings, rules)),
    }


def _emitted(data: object) -> str:
    return f"# {CHANGE}\n" + yaml_text(data)


# ------------------------------------------------------------------------------------------------ the jobs


def _job(settings: Settings, discovery: Mapping[str, Any], relabelling: Sequence[Mapping[str, Any]]) -> Job:
    named = [{"target_label": "job", "replacement": job}] if (job := job_name(settings)) else []
    return {
        "job_name": job or "vllm",
        "scrape_interval": settings.scrape_interval,
        **discovery,
        "relabel_configs": [*relabelling, *named],
    }


def kubernetes(settings: Settings) -> Job:
    """Pods by label and name of port; without workers that serve nothing, and without pods that have ended."""
    pod = "__meta_kubernetes_pod"
    return _job(
        settings,
        {
            "kubernetes_sd_configs": [
                {
                    "role": "pod",
                    "selectors": [{"role": "pod", "label": ",".join(f"{k}={v}" for k, v in _LABELS.items())}],
                }
            ]
        },
        [
            _keep(f"{pod}_container_port_name", _PORT),
            {"source_labels": [f"{pod}_phase"], "regex": "Succeeded|Failed", "action": "drop"},
            *(
                {"source_labels": [f"{pod}_label_{label}"], "regex": regex, "action": "drop"}
                for label, regex in _HEADLESS.items()
            ),
            _copy("__meta_kubernetes_namespace", "namespace"),
            _copy(f"{pod}_name", "pod"),
            _copy(f"{pod}_node_name", "node"),
            POD_AS_INSTANCE,
        ],
    )


def _others(settings: Settings) -> dict[str, Job]:
    return {
        "consul": _job(
            settings,
            {"consul_sd_configs": [{"server": "localhost:8500", "services": ["vllm"]}]},
            [
                {"source_labels": ["__meta_consul_health"], "regex": "maintenance", "action": "drop"},
                _copy("__meta_consul_dc", "datacenter"),
                _copy("__meta_consul_node", "node"),
            ],
        ),
        "ec2": _job(
            settings,
            {
                "ec2_sd_configs": [
                    {
                        "region": "eu-central-1",
                        "port": 8000,
                        "filters": [
                            {"name": "tag:service", "values": ["vllm"]},
                            {"name": "instance-state-name", "values": ["running"]},
                        ],
                    }
                ]
            },
            [
                _copy("__meta_ec2_instance_id", "node"),
                _copy("__meta_ec2_availability_zone", "zone"),
                _copy("__meta_ec2_instance_type", "instance_type"),
            ],
        ),
        "dns": _job(settings, {"dns_sd_configs": [{"names": ["_vllm._tcp.example.internal"], "type": "SRV"}]}, []),
    }


def _keep(source: str, regex: str) -> Job:
    return {"source_labels": [source], "regex": regex, "action": "keep"}


def _copy(source: str, target: str) -> Job:
    return {"source_labels": [source], "target_label": target}


# --------------------------------------------------------------------------------- the same for operators, agents


def _scrape_config(settings: Settings, dns: Job) -> Job:
    return {
        "apiVersion": "monitoring.coreos.com/v1alpha1",
        "kind": "ScrapeConfig",
        "metadata": {"name": "vllm", "labels": {"release": "kube-prometheus-stack"}},
        "spec": {
            "scrapeInterval": settings.scrape_interval,
            "metricsPath": "/metrics",
            "dnsSDConfigs": dns["dns_sd_configs"],
            "relabelings": [{camel(key): value for key, value in rule.items()} for rule in dns["relabel_configs"]],
        },
    }


def _agent(settings: Settings) -> str:
    says = (
        "# Prometheus as an agent (prometheus --agent; before 3.0 --enable-feature=agent): it scrapes and sends, and\n"
        "# evaluates no rule. The store evaluates both files of alerts/.\n"
    )
    sent = {"url": STORE}
    return says + _emitted(
        {
            "global": {"external_labels": {"cluster": CLUSTER}},
            "scrape_configs": [kubernetes(settings)],
            "remote_write": [sent],
        }
    )


def _collector(settings: Settings) -> str:
    says = (
        "# OpenTelemetry Collector: the Prometheus receiver scrapes, and a store evaluates both files of\n"
        "# alerts/. Build them with deploy/recipes/opentelemetry.yaml, because names may arrive with underscores.\n"
    )
    job = json.loads(json.dumps(kubernetes(settings)).replace("$", "$$"))  # `$` is the collector's own
    return says + _emitted(
        {
            "receivers": {"prometheus": {"config": {"scrape_configs": [job]}}},
            "processors": {"memory_limiter": {"check_interval": "1s", "limit_mib": 1500}, "batch": {}},
            "exporters": {
                "prometheusremotewrite": {
                    "endpoint": STORE,
                    "external_labels": {"cluster": CLUSTER},
                    "resource_to_telemetry_conversion": {"enabled": False},
                }
            },
            "service": {
                "pipelines": {
                    "metrics": {
                        "receivers": ["prometheus"],
                        "processors": ["memory_limiter", "batch"],
                        "exporters": ["prometheusremotewrite"],
                    }
                }
            },
        }
    )


def _alloy(settings: Settings) -> str:
    job = kubernetes(settings)
    (selector,) = job["kubernetes_sd_configs"][0]["selectors"]
    rules = "\n".join(
        _block("rule", {key: value for key, value in rule.items() if key != "action" or value != "replace"}, 1)
        for rule in job["relabel_configs"]
    )
    return f"""\
// Grafana Alloy: it scrapes and sends to a store that evaluates both files of alerts/.
// {CHANGE}
discovery.kubernetes "vllm" {{
  role = "pod"

{_block("selectors", {"role": "pod", "label": selector["label"]}, 1)}
}}

discovery.relabel "vllm" {{
  targets = discovery.kubernetes.vllm.targets

{rules}
}}

prometheus.scrape "vllm" {{
  targets         = discovery.relabel.vllm.output
  job_name        = {json.dumps(job["job_name"])}
  scrape_interval = {json.dumps(job["scrape_interval"])}
  forward_to      = [prometheus.remote_write.central.receiver]
}}

prometheus.remote_write "central" {{
  external_labels = {{ cluster = {json.dumps(CLUSTER)} }}

{_block("endpoint", {"url": STORE}, 1)}
}}
"""


def _block(name: str, content: Mapping[str, Any], depth: int) -> str:
    indent, width = "  " * depth, max(map(len, content))
    lines = [f"{indent}  {key:<{width}} = {json.dumps(value)}" for key, value in content.items()]
    return "\n".join([f"{indent}{name} {{", *lines, f"{indent}}}"])


# ------------------------------------------------------------------------------------ Google Managed Prometheus


def _pod_monitoring(settings: Settings) -> Job:
    return {
        "apiVersion": "monitoring.googleapis.com/v1",
        "kind": "PodMonitoring",
        "metadata": {"name": job_name(settings) or "vllm"},
        "spec": {
            "selector": {
                "matchLabels": _LABELS,
                "matchExpressions": [
                    {"key": "ray.io/node-type", "operator": "NotIn", "values": ["worker"]},
                ],
            },
            "endpoints": [{"port": _PORT, "path": "/metrics", "interval": settings.scrape_interval}],
        },
    }


def _cluster_rules(settings: Settings, rules: Sequence[RuleGroup]) -> Job:
    groups = [
        {
            "name": group["name"],
            "interval": group.get("interval", settings.evaluation_interval),
            "rules": group["rules"],
        }
        for group in group_data(rules)["groups"]
    ]
    return {
        "apiVersion": "monitoring.googleapis.com/v1",
        "kind": "ClusterRules",
        "metadata": {"name": "vllm-observability"},
        "spec": {"groups": groups},
    }
