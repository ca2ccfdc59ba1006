"""GPUs and pods beside engines, at a site that joins them: why they are not seen, and which alerts are blind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from vllm_observability.catalog import beside as b
from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals as s
from vllm_observability.doctor.records import Problem, State
from vllm_observability.model import Part
from vllm_observability.prometheus import Api
from vllm_observability.queries.promql import aggregate, either
from vllm_observability.queries.recorded import Plan
from vllm_observability.rules.beside import Join
from vllm_observability.settings import Settings

_CLOCK_REASONS = "gpu_clock_reasons"  # what keeps VllmGpuThrottled alone from firing


def beside_alerts(found: Sequence[Problem], settings: Settings) -> Iterator[State]:
    """The alerts on GPUs, each with what keeps it from firing; `found`: what `beside` found."""
    for check in b.CHECKS if settings.gpu_join_label else ():
        if check.alert and check.alert not in settings.alerts_off:
            alone = (_CLOCK_REASONS,) if check is b.THROTTLED else ()
            stops = [problem for problem in found if problem.severity == "problem" or problem.id in alone]
            yield State(check.alert, False, stops[0].what, stops[0].id in alone) if stops else State(check.alert, True)


def beside(api: Api, planned: Plan, at: float) -> Iterator[Problem]:
    """What the join lacks: an exporter, its labels, those of the engines, pods in common; and what stays unseen."""
    label = planned.settings.gpu_join_label
    if not label:
        return
    join = Join(label)
    found = _labels(api, b.TEMPERATURE + b.POWER, (*join.on, "pod", "exported_pod"), at)
    if not found:
        yield Problem(
            "gpu_exporter",
            "problem",
            "no exporter of GPUs is scraped: neither NVIDIA's DCGM exporter nor AMD's device metrics exporter",
            "scrape it from this Prometheus, or leave gpu_join_label out of the settings",
        )
        return
    if problem := _apart(api, planned, join, found, at):
        yield problem
    else:
        yield from _joined(api, planned, join, at)
    if not _labels(api, b.RESTARTS, ("pod",), at):
        yield Problem(
            "kube_state_metrics",
            "hint",
            "kube-state-metrics is not scraped: restarts, evictions and kills for memory are not shown",
            "scrape it from this Prometheus, if the servers run on Kubernetes",
        )


def _joined(api: Api, planned: Plan, join: Join, at: float) -> Iterator[Problem]:
    """What stays unseen, or can be misread, though GPUs and engines have their label in common."""
    running = planned.find("model", s.RUNNING.expr)
    if running and api.vector(f"count({running.name})", at) and not api.vector(f"count({b.POD})", at):
        yield Problem(
            "gpu_rules",
            "problem",
            "the rules that are loaded record nothing of GPUs: they are of a build without gpu_join_label",
            "vllm-obs build with these settings, and load both of its files",
        )
    shared = sum(count > 1 for count in Counter(where for where, _ in _engines(api, planned, join, at)).values())
    if shared:
        yield Problem(
            "gpu_shared",
            "hint",
            f"several servers have the same {join.label}, in {shared} cases: each is told what all of these GPUs do",
            "a label that names one server, such as pod",
        )
    if not _labels(api, b.CLOCK_REASONS + b.VIOLATIONS, ("pod",), at):
        yield Problem(
            _CLOCK_REASONS,
            "hint",
            f"the exporter shows no reasons for lower clocks: VllmGpuThrottled can't fire ({b.CLOCK_REASONS[0]})",
            f"the line `{b.CLOCK_REASONS[0]}, gauge, Reasons for lower clocks.` in the DCGM exporter's list of metrics",
        )


def _apart(api: Api, planned: Plan, join: Join, found: Sequence[dict[str, str]], at: float) -> Problem | None:
    """Why no GPU is an engine's; None where some are."""
    named = [labels for labels in found if labels.get(join.label)]
    if not named:
        other = "exported_pod" if any(labels.get("exported_pod") for labels in found) else "pod"
        there = other != join.label and any(labels.get(other) for labels in found)
        return Problem(
            "gpu_label",
            "problem",
            f"series of GPUs have no label {join.label}: no GPU is joined to an engine",
            f"gpu_join_label: {other} in the settings, then vllm-obs build"
            if there
            else "run the exporter with its mapping to pods (NVIDIA: DCGM_EXPORTER_KUBERNETES=true), and give it the "
            "kubelet's pod-resources folder",
        )
    engines = {where for where, _ in _engines(api, planned, join, at)}
    if not engines:
        return Problem(
            "engine_pod",
            "problem",
            f"the engines' series have no label {join.needed}: no GPU is joined to them",
            "a PodMonitor or ServiceMonitor adds it; else relabel __meta_kubernetes_pod_name to pod and "
            "__meta_kubernetes_namespace to namespace in their scrape job",
        )
    if engines & {_values(labels, join.on) for labels in named}:
        return None
    fix = "see whether the exporter runs on the engines' nodes, and whether both name the same namespace"
    if join.label == "pod" and any(labels.get("exported_pod") for labels in found):
        fix = (
            "gpu_join_label: exported_pod in the settings, because pod is here the exporter's own; then vllm-obs build"
        )
    return Problem("gpu_elsewhere", "problem", f"no series of a GPU names an engine's pod (label {join.label})", fix)


def _labels(api: Api, names: Sequence[str], labels: Sequence[str], at: float) -> list[dict[str, str]]:
    query = aggregate("group", tuple(dict.fromkeys(labels)), either(names))
    return [dict(found) for found, _ in api.vector(query, at)]


def _engines(api: Api, planned: Plan, join: Join, at: float) -> set[tuple[tuple[str, ...], tuple[str, ...]]]:
    """(where it is, as the GPUs' labels should say it; which one it is) of every server."""
    own = {theirs: ours for ours, theirs in join.renamed}
    labels, server = tuple(own.get(label, label) for label in join.on), planned.settings.target_labels
    series = planned.raw_reader("engine").series(m.REQUESTS_RUNNING, Part.VALUE, ((join.needed, "!=", ""),))
    rows = api.vector(aggregate("group", tuple(dict.fromkeys((*labels, *server))), either(series)), at)
    return {(_values(found, labels), _values(found, server)) for found, _ in rows}


def _values(found: Mapping[str, str], labels: Sequence[str]) -> tuple[str, ...]:
    return tuple(found.get(label, "") for label in labels)
