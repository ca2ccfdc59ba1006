"""Rendering the Helm chart in this process, and judging what comes out as a cluster would."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import helm_python
import jsonschema
import kubernetes_validate
import yaml

from harness.programs import ROOT
from harness.ruletests import LOADER
from recordings import DATA

CHART = ROOT / "deploy/helm/vllm-observability"
VALUES = ROOT / "deploy/helm/values"
EXAMPLES = sorted(path.stem for path in VALUES.glob("*.yaml"))
CORE = {"v1", "networking.k8s.io/v1"}

Document = dict[str, Any]

# Kinds for which no schema is published as a package: the keys of their specs that the operators' references name and
# the chart may use. A list holds alternatives for its items.
_SELECTOR = {"matchLabels": {}, "matchExpressions": {}}
_RELABELLING = dict.fromkeys(("action", "sourceLabels", "targetLabel", "regex", "replacement", "separator", "modulus"))
_VM_ENDPOINT = {
    **dict.fromkeys(("port", "targetPort", "path", "interval", "scrapeTimeout", "scheme")),
    "tlsConfig": {},
    "authorization": {"type": None, "credentials": {"name": None, "key": None}},
    "relabelConfigs": [_RELABELLING],
    "metricRelabelConfigs": [_RELABELLING],
}
_VM_SCRAPE = {"selector": _SELECTOR, "namespaceSelector": {"any": None, "matchNames": None}}
_RULE = {**dict.fromkeys(("record", "alert", "expr", "for")), "labels": {}, "annotations": {}}
UNPUBLISHED: dict[str, tuple[str, dict[str, Any]]] = {
    "VMRule": (
        "operator.victoriametrics.com/v1beta1",
        {"groups": [{"name": None, "interval": None, "rules": [_RULE]}]},
    ),
    "VMServiceScrape": ("operator.victoriametrics.com/v1beta1", {**_VM_SCRAPE, "endpoints": [_VM_ENDPOINT]}),
    "VMPodScrape": ("operator.victoriametrics.com/v1beta1", {**_VM_SCRAPE, "podMetricsEndpoints": [_VM_ENDPOINT]}),
    "GrafanaDashboard": (
        "grafana.integreatly.org/v1beta1",
        {
            "allowCrossNamespaceImport": None,
            "instanceSelector": _SELECTOR,
            "folder": None,
            "configMapRef": {"name": None, "key": None},
        },
    ),
}


def example(name: str) -> Document:
    """The values of deploy/helm/values/<name>.yaml; those of the chart itself for `default`."""
    return {} if name == "default" else yaml.safe_load((VALUES / f"{name}.yaml").read_text())


# Boards with links to them, and groups of rules, under the bundle's own names.
SHARED: Document = {"dashboards": {"shared": True}, "rules": {"shared": True}}


def manifests(
    values: Mapping[str, Any], chart: Path = CHART, name: str = "obs", namespace: str = "monitoring"
) -> dict[str, str]:
    """Rendered text by template; HelmError where the chart refuses."""
    with helm_python.Chart.load(str(chart)) as loaded:
        return loaded.render(dict(values), name=name, namespace=namespace)


def render(
    values: Mapping[str, Any], chart: Path = CHART, name: str = "obs", namespace: str = "monitoring"
) -> list[Document]:
    """Every resource that these values give."""
    texts = [text for path, text in manifests(values, chart, name, namespace).items() if path.endswith(".yaml")]
    return [document for text in texts for document in yaml.load_all(text, LOADER) if document]


def rules_of(documents: list[Document]) -> list[Document]:
    """The rules of all PrometheusRules or VMRules, each with the name of its group."""
    return [
        {**rule, "group": group["name"]}
        for document in documents
        if document["kind"] in ("PrometheusRule", "VMRule")
        for group in document["spec"]["groups"]
        for rule in group["rules"]
    ]


def emitted_rules(texts: Mapping[str, str] | None = None) -> list[Document]:
    """The rules of `alerts/` on disk, or of what `build` gave."""
    names = [f"alerts/vllm-{which}.yaml" for which in ("recording-rules", "alerts")]
    files = [yaml.load(texts[name] if texts else (ROOT / name).read_text(), LOADER) for name in names]
    return [{**rule, "group": group["name"]} for file in files for group in file["groups"] for rule in group["rules"]]


def of_kind(documents: list[Document], kind: str) -> list[Document]:
    """The resources of one kind."""
    return [document for document in documents if document["kind"] == kind]


def faults(document: Document) -> list[str]:
    """What a cluster would refuse or silently drop of a resource."""
    kind = document["kind"]
    if document["apiVersion"] in CORE:
        try:
            kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)
        except kubernetes_validate.ValidationError as error:
            return [str(error)]
        return []
    if kind in UNPUBLISHED:
        version, allowed = UNPUBLISHED[kind]
        wrong = [] if document["apiVersion"] == version else [f"{kind}: apiVersion is {document['apiVersion']}"]
        return wrong + _unknown(document["spec"], allowed, kind)
    return [f"{kind} {error.json_path}: {error.message}" for error in _published(kind).iter_errors(document)]


@functools.cache
def _published(kind: str) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json.loads((DATA / f"crds/{kind}.schema.json").read_text()))


def _unknown(found: Any, allowed: Any, place: str) -> list[str]:
    """Keys that are not allowed; an empty mapping allows any, None stands for a plain value."""
    if isinstance(allowed, list):
        return [fault for item in found for fault in _unknown(item, allowed[0], f"{place}[]")]
    if not allowed:
        return []
    wrong = [f"{place}.{key}: no such key" for key in found if key not in allowed]
    return wrong + [
        fault for key in found if key in allowed for fault in _unknown(found[key], allowed[key], f"{place}.{key}")
    ]
