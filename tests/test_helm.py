"""The Helm chart: what it renders is valid, is what was built, and fits into a cluster."""

from __future__ import annotations

import base64
import gzip
import json
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import helm_python
import pytest
import yaml

from charts import CHART, EXAMPLES, SHARED, emitted_rules, example, faults, manifests, of_kind, render, rules_of
from harness.programs import ROOT, prometheus_lines, promtool_check_rules, running_prometheus
from vllm_observability.render.deploy.helm_chart import CHART as IN_BUNDLE
from vllm_observability.settings import Settings

ALL = ["default", *EXAMPLES]
BOARDS = sorted(path.stem.removeprefix("vllm-") for path in (ROOT / "dashboards").glob("*.json"))
MANY = len(BOARDS)


def test_there_are_examples() -> None:
    """For each kind of cluster, and one with everything."""
    assert {"everything", "kube-prometheus-stack", "openshift", "victoria-metrics"} == set(EXAMPLES)
    assert CHART == ROOT / IN_BUNDLE


@pytest.mark.parametrize("name", ALL)
def test_lint_finds_nothing(name: str) -> None:
    """No error and no warning."""
    found = helm_python.lint(str(CHART), example(name), strict=True)

    assert [] == found["errors"]
    assert [] == [message for message in found["messages"] if message["severity"] > 1]


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("default", {"ConfigMap": MANY, "PrometheusRule": 2}),
        ("kube-prometheus-stack", {"ConfigMap": MANY, "PrometheusRule": 2, "ServiceMonitor": 1}),
        ("victoria-metrics", {"ConfigMap": MANY, "VMRule": 2, "VMPodScrape": 1}),
        ("openshift", {"ConfigMap": MANY, "GrafanaDashboard": MANY, "PrometheusRule": 2, "ServiceMonitor": 1}),
        (
            "everything",
            {
                "ConfigMap": 2 * MANY + 1, "GrafanaDashboard": 2 * MANY, "PrometheusRule": 2, "ServiceMonitor": 1,
                "PodMonitor": 1, "AlertmanagerConfig": 1, "NetworkPolicy": 1, "ScaledObject": 1,
            },
        ),
    ],
)  # fmt: skip
def test_everything_rendered_is_valid(name: str, kinds: dict[str, int]) -> None:
    """Each resource by Kubernetes' own schema, by its published model, or by the keys that its operator knows."""
    documents = render(example(name))

    assert {**kinds, "Pod": 1} == Counter(document["kind"] for document in documents)
    assert [] == [fault for document in documents for fault in faults(document)]


def test_everything_is_valid_for_victoria_metrics_and_without_an_operator() -> None:
    """The same values for the other operator; without one, rules are a ConfigMap and monitors are refused."""
    values = {
        **example("everything"),
        "operator": "victoria-metrics-operator",
        "alertmanagerConfig": {"enabled": False},
    }
    documents = render(values)
    assert {"VMRule", "VMServiceScrape", "VMPodScrape"} <= {document["kind"] for document in documents}
    assert [] == [fault for document in documents for fault in faults(document)]

    documents = render({"operator": "none"})
    assert {"ConfigMap": MANY + 1} == Counter(document["kind"] for document in documents)
    assert [] == [fault for document in documents for fault in faults(document)]


def test_the_judges_find_what_is_wrong() -> None:
    """A misspelt key, a wrong type and a missing one, in each way of judging."""
    documents = render(example("everything"))
    rule, monitor, scaled, policy, board = (
        of_kind(documents, kind)[0]
        for kind in ("PrometheusRule", "ServiceMonitor", "ScaledObject", "NetworkPolicy", "GrafanaDashboard")
    )
    rule["spec"]["groups"][0]["rules"][0]["fore"] = "1m"
    monitor["spec"]["endpoints"][0]["relabelConfigs"] = []
    del scaled["spec"]["triggers"][0]["metadata"]
    policy["spec"]["ingress"][0]["ports"][0]["port"] = True
    board["spec"]["configMapRef"]["file"] = "x"

    for document, word in (
        (rule, "fore"),
        (monitor, "relabelConfigs"),
        (scaled, "metadata"),
        (policy, "port"),
        (board, "file"),
    ):
        assert any(word in fault for fault in faults(document)), document["kind"]


@pytest.mark.parametrize("line", prometheus_lines(), ids=str)
@pytest.mark.parametrize(
    "values", [{}, example("everything"), example("victoria-metrics")], ids=["default", "all", "vm"]
)
def test_promtool_takes_the_rules(values: dict[str, Any], line: Any, tmp_path: Path) -> None:
    """Every spec, on the oldest and on the newest Prometheus."""
    paths = []
    for document in render(values):
        if document["kind"] in ("PrometheusRule", "VMRule"):
            paths.append(tmp_path / f"{document['metadata']['name']}.yaml")
            paths[-1].write_text(yaml.safe_dump(document["spec"]))

    assert 2 == len(paths)
    assert "" == promtool_check_rules(paths, line)


def test_rules_are_those_of_the_bundle() -> None:
    """By default rule for rule, whoever reads them, with what Prometheus is to fill in."""
    built = emitted_rules()

    assert built == rules_of(render(SHARED))
    assert built == rules_of(render({**SHARED, "operator": "victoria-metrics-operator"}))
    held = next(d for d in render({**SHARED, "operator": "none"}) if d["metadata"]["name"].endswith("-rules"))["data"]
    groups = [yaml.safe_load(held[f"vllm-{which}.yaml"])["groups"] for which in ("recording-rules", "alerts")]
    assert built == [{**rule, "group": group["name"]} for file in groups for group in file for rule in group["rules"]]
    assert sum("{{ $labels." in rule["annotations"]["description"] for rule in built if "alert" in rule) > 30


@pytest.mark.parametrize(
    ("form", "folders"), [("raw", ["."]), ("fleet", ["fleet"]), ("both", [".", "fleet"])], ids=["raw", "fleet", "both"]
)
def test_boards_are_those_of_the_bundle(form: str, folders: list[str]) -> None:
    """The same in fewer lines where they are shared, one ConfigMap each, with the label that the sidecar looks for."""
    maps = of_kind(render({"dashboards": {"form": form, "shared": True}, "rules": {"enabled": False}}), "ConfigMap")
    found = {name: text for document in maps for name, text in document["data"].items()}

    expected = {}
    for folder in folders:
        for board in BOARDS:
            name = f"vllm-{board}.json" if folder == "." else f"vllm-fleet-{board}.json"
            expected[name] = (ROOT / "dashboards" / folder / f"vllm-{board}.json").read_text()
    assert {name: json.loads(text) for name, text in expected.items()} == {
        name: json.loads(text) for name, text in found.items()
    }
    assert all(text.endswith("}\n") for text in found.values())
    assert {"1"} == {document["metadata"]["labels"]["grafana_dashboard"] for document in maps}
    assert {"obs-vllm-observability-overview", "obs-vllm-observability-fleet-overview"} & {
        document["metadata"]["name"] for document in maps
    }


def test_the_grafana_operator_finds_the_boards() -> None:
    """Each GrafanaDashboard names a ConfigMap and a key that are rendered beside it, in the same namespace."""
    documents = render(example("everything"))
    held = {
        (document["metadata"]["namespace"], document["metadata"]["name"], key)
        for document in of_kind(documents, "ConfigMap")
        for key in document["data"]
    }
    for board in of_kind(documents, "GrafanaDashboard"):
        meant = board["spec"]["configMapRef"]
        assert (board["metadata"]["namespace"], meant["name"], meant["key"]) in held
        assert "vLLM" == board["spec"]["folder"]


def test_a_long_release_name_leaves_names_valid_and_distinct() -> None:
    """Helm allows 53 characters; no name of a resource is longer than a label may be."""
    documents = render(example("everything"), name="a" * 53)
    names = [
        (document["kind"], document["metadata"]["namespace"], document["metadata"]["name"]) for document in documents
    ]

    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", name) for _, _, name in names)


def _names(documents: list[dict[str, Any]]) -> set[str]:
    """Whatever two releases could take from each other: resources, files, and addresses and titles of boards."""
    names = {f"{d['kind']} {d['metadata']['namespace']}/{d['metadata']['name']}" for d in documents}
    for document in of_kind(documents, "ConfigMap"):
        for file, text in document["data"].items():
            if file.endswith(".json"):  # the sidecar puts the boards of all releases into one folder
                board = json.loads(text)
                names |= {f"file {file}", f"uid {board['uid']}", f"title {board['title']}"}
    return names | {f"group {rule['group']}" for rule in rules_of(documents)}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("one", "monitoring"), ("two", "monitoring")),
        (("vllm-observability", "a"), ("vllm-observability", "b")),
        (("a" * 52 + "b", "monitoring"), ("a" * 52 + "c", "monitoring")),
    ],
    ids=["two names", "two namespaces", "two long names"],
)
def test_two_releases_share_no_name(first: tuple[str, str], second: tuple[str, str]) -> None:
    """With all boards and all resources: neither overwrites what the other brought, in the cluster or in Grafana."""
    values = {**example("everything"), "dashboards": {"form": "both", "grafanaOperator": {"enabled": True}}}
    for section in ("rules", "scrape", "alertmanagerConfig", "networkPolicy", "keda", "prometheusAdapter"):
        values[section] = {**values.get(section, {}), "namespace": ""}
    one, other = (_names(render(values, name=name, namespace=namespace)) for name, namespace in (first, second))

    assert len(one) == len(other) > 60
    assert set() == one & other
    assert 40 >= max(len(name.removeprefix("uid ")) for name in one | other if name.startswith("uid "))


def test_releases_that_are_asked_to_share_have_the_bundles_boards() -> None:
    """Then a second release overwrites them with the same, as when it is an upgrade."""
    values = {"dashboards": {"shared": True}}
    shared = _names(render(values, name="one")) & _names(render(values, name="two"))

    assert {f"uid vllm-obs-{board}" for board in BOARDS} <= shared
    assert {f"file vllm-{board}.json" for board in BOARDS} <= shared


def test_groups_are_shared_where_asked() -> None:
    """Then they have the bundle's names, as in alerts/."""
    (one, other) = ({r["group"] for r in rules_of(render({"rules": {"shared": True}}, name=n))} for n in ("one", "two"))

    assert one == other == {rule["group"] for rule in emitted_rules()}


@pytest.mark.parametrize(
    ("labels", "refused"),
    [
        ({"helm.sh/chart": "vllm-observability-0.1.0", "app.kubernetes.io/instance": "other"}, True),
        ({"helm.sh/chart": "vllm-observability-9.9.9", "app.kubernetes.io/instance": "other"}, True),
        ({"helm.sh/chart": "vllm-observability-0.1.0", "app.kubernetes.io/instance": "obs"}, False),
        ({"helm.sh/chart": "kube-prometheus-stack-1", "app.kubernetes.io/instance": "other"}, False),
        (None, False),
    ],
)
def test_a_second_release_with_rules_is_refused(labels: dict[str, str] | None, refused: bool, tmp_path: Path) -> None:
    """By what is in the cluster; an upgrade of the same release, and other people's rules, are not in the way."""
    item = {"metadata": {"namespace": "monitoring", "name": "x", **({"labels": labels} if labels else {})}}
    call = f'(dict "root" . "items" (list ({json.dumps(json.dumps(item))} | fromJson)))'
    chart = _with(tmp_path, f'{{{{ include "vllm-observability.checkAlone" {call} }}}}')
    if not refused:
        render({}, chart)
        return
    with pytest.raises(helm_python.HelmError, match="release other has these rules in namespace monitoring already"):
        render({}, chart)


KINDS = {
    "rules.enabled": "monitoring.coreos.com/v1/PrometheusRule",
    "keda.enabled": "keda.sh/v1alpha1/ScaledObject",
    "dashboards.grafanaOperator.enabled": "grafana.integreatly.org/v1beta1/GrafanaDashboard",
    "scrape.podMonitor.enabled": "operator.victoriametrics.com/v1beta1/VMPodScrape",
}


@pytest.mark.parametrize(("value", "kind"), KINDS.items())
def test_a_missing_kind_is_said_with_a_way_out(value: str, kind: str, tmp_path: Path) -> None:
    """Which value asks for it, and who brings it."""
    chart = _with(tmp_path, f'{{{{ include "vllm-observability.missing" (dict "kind" "{kind}" "value" "{value}") }}}}')
    with pytest.raises(
        helm_python.HelmError, match=f"{value} needs the kind {kind.rsplit('/', maxsplit=1)[-1]} of .* install .{{4,}}"
    ):
        render({}, chart)


def test_every_kind_of_somebody_else_is_asked_for() -> None:
    """What an operator defines is asked for before it is made; a cluster without it would name no way out."""
    texts = [path.read_text() for path in (CHART / "templates").glob("*.yaml")]
    made = {d["kind"] for name in EXAMPLES for d in render(example(name)) if "." in d["apiVersion"]} - {"NetworkPolicy"}
    asked = [text for text in texts if "vllm-observability.needs" in text]

    assert {"AlertmanagerConfig", "GrafanaDashboard", "PodMonitor", "PrometheusRule", "ScaledObject"} <= made
    for kind in made:
        assert any(kind in text for text in asked), kind


def _with(folder: Path, template: str) -> Path:
    """The chart with a template more."""
    chart = folder / "vllm-observability"
    shutil.copytree(CHART, chart)
    (chart / "templates/more.yaml").write_text(template)
    return chart


def test_links_stay_within_a_releases_own_boards() -> None:
    """Between boards, and from alerts to boards; by its address each board is in the release."""
    documents = render({"dashboards": {"form": "both"}}, name="one")
    own = {name.removeprefix("uid ") for name in _names(documents) if name.startswith("uid ")}
    linked = {uid for d in of_kind(documents, "ConfigMap") for uid in re.findall(r"/d/([\w-]+)", str(d["data"]))}
    alerts = {
        re.search(r"/d/([\w-]+)", rule["annotations"]["dashboard_url"])[1]  # type: ignore[index]
        for rule in rules_of(documents)
        if "alert" in rule
    }

    assert len(linked) >= MANY
    assert ["incident"] == [uid.rsplit("-", 1)[1] for uid in alerts]
    assert set() == (linked | alerts) - own


def test_a_release_fits_into_its_secret() -> None:
    """Helm keeps chart and manifests in one Secret, which a cluster limits to 1 MiB; with all on a quarter is free."""
    chart = {path.relative_to(CHART).as_posix(): path.read_bytes() for path in CHART.rglob("*") if path.is_file()}
    release = {
        "chart": {name: base64.b64encode(content).decode() for name, content in chart.items()},
        "manifest": "".join(manifests(example("everything")).values()),
    }
    packed = base64.b64encode(gzip.compress(json.dumps(release).encode(), 9))

    assert len(packed) < 780_000


# -------------------------------------------------------------------------------------------- monitors


@pytest.mark.parametrize("operator", ["prometheus-operator", "victoria-metrics-operator"])
def test_monitors_give_the_job_that_the_rules_look_for(operator: str) -> None:
    """The job label is set by relabelling, to one that target_selector fits."""
    values = {**example("everything"), "operator": operator, "alertmanagerConfig": {"enabled": False}}
    wanted = re.fullmatch(r'job=~"(.*)"', Settings().target_selector)
    assert wanted

    monitors = [d for d in render(values) if d["kind"].endswith(("Monitor", "Scrape"))]
    assert 2 == len(monitors)
    for monitor in monitors:
        (endpoint,) = monitor["spec"].get("endpoints") or monitor["spec"]["podMetricsEndpoints"]
        first, named, other = endpoint["relabelings" if operator == "prometheus-operator" else "relabelConfigs"]
        assert {"targetLabel": "job", "replacement": "vllm"} == first
        assert ("instance", "$1:$2") == (named["targetLabel"], named["replacement"])
        assert "node" == other["targetLabel"]  # the site's own come last, and may name it again
        assert re.fullmatch(wanted[1], first["replacement"])


def test_monitors_drop_what_the_scrape_job_drops() -> None:
    """The same rules in the operators' spelling, then the labels, then the site's own."""
    job = yaml.safe_load((ROOT / "deploy/prometheus/vllm-scrape.yaml").read_text())["scrape_configs"][0]
    monitor = of_kind(render(example("everything")), "ServiceMonitor")[0]
    *dropped, label, own = monitor["spec"]["endpoints"][0]["metricRelabelings"]

    names = {"sourceLabels": "source_labels", "regex": "regex", "action": "action"}
    assert job["metric_relabel_configs"] == [{names[key]: value for key, value in rule.items()} for rule in dropped]
    assert {"action": "labeldrop", "regex": "pid"} == label
    assert {"action": "labeldrop", "regex": "pod_template_hash"} == own


@pytest.mark.parametrize(
    ("operator", "which", "port", "key"),
    [
        ("prometheus-operator", "serviceMonitor", "http", "port"),
        ("prometheus-operator", "serviceMonitor", 8000, "targetPort"),
        ("prometheus-operator", "podMonitor", "http", "port"),
        ("prometheus-operator", "podMonitor", 8000, "portNumber"),
        ("victoria-metrics-operator", "serviceMonitor", 8000, "targetPort"),
        ("victoria-metrics-operator", "podMonitor", "http", "port"),
        ("victoria-metrics-operator", "podMonitor", 8000, "targetPort"),
    ],
)
def test_a_port_is_a_name_or_a_number(operator: str, which: str, port: str | int, key: str) -> None:
    """Each goes where its operator looks for it."""
    monitor = {"enabled": True, "port": port, "selector": {"matchLabels": {"app": "vllm"}}}
    (found,) = [
        d
        for d in render({"operator": operator, "scrape": {which: monitor}})
        if d["kind"].endswith(("Monitor", "Scrape"))
    ]
    (endpoint,) = found["spec"].get("endpoints") or found["spec"]["podMetricsEndpoints"]

    assert {key: port} == {name: endpoint[name] for name in ("port", "targetPort", "portNumber") if name in endpoint}
    assert [] == faults(found)


def test_labels_of_the_chart_stand_above_a_sites() -> None:
    """A label that is given twice, or is the chart's own, makes no document invalid."""
    labels = {"release": "one", "app.kubernetes.io/name": "mine", "team": "ml"}
    values = {"commonLabels": labels, "operatorLabels": {**labels, "release": "two"}, "dashboards": {"form": "fleet"}}
    documents = render(values)

    assert [] == [fault for document in documents for fault in faults(document)]
    for document in documents:
        found = document["metadata"]["labels"]
        assert ("vllm-observability", "ml") == (found["app.kubernetes.io/name"], found["team"])
        assert ("two" if document["kind"] == "PrometheusRule" else "one") == found["release"]


def test_operators_find_their_own() -> None:
    """What an operator reads has its labels; boards and policies don't need them."""
    for document in render(example("everything")):
        own = document["kind"] in ("PrometheusRule", "ServiceMonitor", "PodMonitor", "AlertmanagerConfig")
        assert own == ("release" in document["metadata"]["labels"]), document["kind"]
        assert "ml" == document["metadata"]["labels"]["team"]


# ------------------------------------------------------------------------------- routing and scaling


def test_the_same_alerts_explain_each_other_as_in_the_example_for_alertmanager() -> None:
    """Rule for rule, in the operator's words."""
    (config,) = of_kind(render(example("everything")), "AlertmanagerConfig")
    example_file = yaml.safe_load((ROOT / "deploy/alertmanager/alertmanager.yml").read_text())

    def written(matchers: list[dict[str, str]]) -> list[str]:
        return [f'{m["name"]}{m.get("matchType", "=")}"{m["value"]}"' for m in matchers]

    assert example_file["inhibit_rules"] == [
        {
            "source_matchers": written(r["sourceMatch"]),
            "target_matchers": written(r["targetMatch"]),
            "equal": r["equal"],
        }
        for r in config["spec"]["inhibitRules"]
    ]


@pytest.mark.parametrize("line", prometheus_lines(), ids=str)
def test_keda_always_has_an_answer(line: Any, tmp_path: Path) -> None:
    """A Prometheus that knows nothing answers with the threshold itself: as many replicas as now."""
    (scaled,) = of_kind(render(example("everything")), "ScaledObject")
    asked = {t["name"]: (t["metadata"]["query"], float(t["metadata"]["threshold"])) for t in scaled["spec"]["triggers"]}
    assert {"queue": 5.0, "kv-cache": 0.75} == {name: threshold for name, (_, threshold) in asked.items()}

    with running_prometheus(tmp_path, line=line) as server:
        for query, threshold in asked.values():
            assert {(): threshold} == server.query(query, 1e9)


def test_scaling_reads_series_that_are_recorded() -> None:
    """KEDA's queries and the adapter's rules name recorded series."""
    documents = render(example("everything"))
    recorded = {rule["record"] for rule in emitted_rules() if "record" in rule}
    (adapter,) = [d for d in of_kind(documents, "ConfigMap") if d["metadata"]["name"].endswith("-adapter")]
    (scaled,) = of_kind(documents, "ScaledObject")
    rules = yaml.safe_load(adapter["data"]["config.yaml"])["externalRules"]
    queries = [trigger["metadata"]["query"] for trigger in scaled["spec"]["triggers"]]
    named = re.findall(r"model:vllm_\w+:\w+", json.dumps([rules, queries]))

    assert 5 == len(named)
    assert set(named) <= recorded
    assert {"vllm_requests_waiting_per_engine", "vllm_requests_running", "vllm_kv_cache_usage"} == {
        rule["name"]["as"] for rule in rules
    }


@pytest.mark.parametrize("name", ALL)
def test_notes_say_where_to_look(name: str) -> None:
    """Three checks for "No data", with the labels of these values."""
    (text,) = (text for path, text in manifests(example(name)).items() if path.endswith("NOTES.txt"))

    assert all(f"\n{number}. " in text for number in (1, 2, 3))
    assert "vllm-obs doctor" in text
    assert ("app=vllm" in text) == (name != "default")
    assert ("here: release=kube-prometheus-stack\n" in text) == (name in ("kube-prometheus-stack", "everything"))
