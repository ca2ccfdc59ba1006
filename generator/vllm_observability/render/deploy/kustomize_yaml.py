"""Kustomizations: the boards as ConfigMaps, the rules as PrometheusRules, and an overlay for kube-prometheus-stack.

Boards are read where they stand, by a kustomization beside them: kustomize takes no file from above its own folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from vllm_observability.render.deploy.jobs import job_name
from vllm_observability.render.deploy.scrape_yaml import POD_AS_INSTANCE
from vllm_observability.render.rules_yaml import group_data, yaml_text
from vllm_observability.render.template_files import CHANGE
from vllm_observability.render.text_cases import camel
from vllm_observability.rules.records import RuleGroup
from vllm_observability.settings import Settings

_HEADING = f"# {CHANGE}\n"
_FOLDER = "deploy/kustomize"
_STACK = f"{_FOLDER}/overlays/kube-prometheus-stack"


def kustomizations(
    settings: Settings, boards: Iterable[str], rules: Mapping[str, Sequence[RuleGroup]]
) -> dict[str, str]:
    """Every file by its path; `boards`: the paths of emitted dashboards, `rules`: name -> groups."""
    folders: dict[str, list[str]] = {}
    for path in map(PurePosixPath, boards):
        folders.setdefault(str(path.parent), []).append(path.name)
    return {
        **{f"{folder}/kustomization.yaml": _board_maps(folder, files) for folder, files in folders.items()},
        **{f"{_FOLDER}/base/{name}.yaml": _rule_resource(name, groups) for name, groups in rules.items()},
        f"{_FOLDER}/base/kustomization.yaml": _kustomization(
            "Boards and rules. For hundreds of engines: dashboards/fleet, the boards over recorded series, in the\n"
            "place of dashboards.",
            resources=["../../../dashboards", *(f"{name}.yaml" for name in rules)],
        ),
        f"{_STACK}/kustomization.yaml": _kustomization(
            "For kube-prometheus-stack. Copy this folder to one beside it, and change there namespace and release\n"
            "to yours (`helm list -A`), in service-monitor.yaml labels and port to those of your servers' Services.",
            namespace="monitoring",
            resources=["../../base", "service-monitor.yaml"],
            labels=[{"pairs": {"release": "kube-prometheus-stack"}}],
        ),
        f"{_STACK}/service-monitor.yaml": _HEADING + yaml_text(_service_monitor(settings)),
    }


def _board_maps(folder: str, files: Sequence[str]) -> str:
    """A ConfigMap for each board, with the label that Grafana's sidecar looks for. Names stay when boards change."""
    start = "vllm-obs-fleet-" if folder.endswith("/fleet") else "vllm-obs-"
    slugs = [(file.removeprefix("vllm-").removesuffix(".json"), file) for file in files]
    return _kustomization(
        "The boards of this folder as ConfigMaps for the sidecar of Grafana's chart.",
        generatorOptions={"disableNameSuffixHash": True, "labels": {"grafana_dashboard": "1"}},
        configMapGenerator=[{"name": start + slug, "files": [f"{start}{slug}.json={file}"]} for slug, file in slugs],
    )


def _rule_resource(name: str, groups: Sequence[RuleGroup]) -> str:
    return _HEADING + yaml_text(
        {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "PrometheusRule",
            "metadata": {"name": f"vllm-observability-{name}"},
            "spec": group_data(groups),
        }
    )


def _service_monitor(settings: Settings) -> dict[str, object]:
    job, native = job_name(settings), settings.histograms == "native"
    endpoint = {
        "port": "http",
        "path": "/metrics",
        "interval": settings.scrape_interval,
        "relabelings": [
            *([{"targetLabel": "job", "replacement": job}] if job else []),
            {camel(key): value for key, value in POD_AS_INSTANCE.items()},
        ],
    }
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "ServiceMonitor",
        "metadata": {"name": "vllm-observability"},
        "spec": {
            **({"convertClassicHistogramsToNHCB": True, "scrapeNativeHistograms": True} if native else {}),
            "selector": {"matchLabels": {"app": "vllm"}},
            "namespaceSelector": {"any": True},
            "endpoints": [endpoint],
        },
    }


def _kustomization(says: str, **content: object) -> str:
    head = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
    comment = "".join(f"# {line}\n" for line in says.splitlines())
    return comment + _HEADING + yaml_text({**head, **content})
