"""Rules built for a site: overrides per model, another prefix, an objective that is off by default, mixed fleets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.programs import promtool_check_rules, promtool_test_rules, write_rules
from vllm_observability.build.artefacts import artefacts, rule_files
from vllm_observability.rules.site import rules_for
from vllm_observability.settings import parse

WITHIN_A_SECOND = {"objectives": [{"of": "ttft", "target": 0.95, "within": 1.0}]}
HEAD = """
rule_files: [vllm-recording-rules.yaml, vllm-alerts.yaml]
evaluation_interval: 1m
tests:
"""


def _faults(folder: Path, site: Mapping[str, object], scenario: str) -> str:
    """What fails of a scenario, written without its head, against the rules built for a site."""
    rules = write_rules(rule_files(rules_for(parse(site))), folder)
    path = folder / "scenario.yaml"
    path.write_text(HEAD + scenario)
    return promtool_check_rules(rules) or promtool_test_rules(path)


def test_one_model_has_another_bound(tmp_path: Path) -> None:
    """Model a warns from 90 % on, every other from 80 %: at 85 % only b fires, and a does at 91 %."""
    site = {"models": [{"match": "acme/a", "thresholds": {"kv_cache_usage": {"warning": 0.9}}}]}
    scenario = """
  - interval: 1m
    input_series:
      - {series: 'vllm:kv_cache_usage_perc{job="vllm",instance="1",model_name="acme/a",engine="0"}', values: '0.85x30 0.91x30'}
      - {series: 'vllm:kv_cache_usage_perc{job="vllm",instance="2",model_name="acme/b",engine="0"}', values: '0.85x60'}
      - {series: 'vllm:num_requests_waiting{job="vllm",instance="1",model_name="acme/a",engine="0"}', values: '1x60'}
      - {series: 'vllm:num_requests_waiting{job="vllm",instance="2",model_name="acme/b",engine="0"}', values: '1x60'}
    promql_expr_test:
      - expr: count by (model_name) (ALERTS{alertname="VllmKvCacheUsageHigh",alertstate="firing",severity="warning"})
        eval_time: 25m
        exp_samples: [{labels: '{model_name="acme/b"}', value: 1}]
      - expr: count by (model_name) (ALERTS{alertname="VllmKvCacheUsageHigh",alertstate="firing",severity="warning"})
        eval_time: 50m
        exp_samples: [{labels: '{model_name="acme/a"}', value: 1}, {labels: '{model_name="acme/b"}', value: 1}]
      - expr: model:vllm_kv_cache_usage:threshold{severity="warning"}
        eval_time: 25m
        exp_samples:
          - {labels: 'model:vllm_kv_cache_usage:threshold{job="vllm",model_name="acme/a",severity="warning"}', value: 0.9}
          - {labels: 'model:vllm_kv_cache_usage:threshold{job="vllm",model_name="acme/b",severity="warning"}', value: 0.8}
"""

    assert "" == _faults(tmp_path, site, scenario)


def test_an_override_is_for_no_other_model(tmp_path: Path) -> None:
    """Also where the check's signal has no recorded series of its own, but is written out in the bound's rule."""
    site = {"models": [{"match": "acme/a", "thresholds": {"admission_rejections": {"warning": 5}}}]}
    scenario = """
  - interval: 1m
    input_series:
      - {series: 'vllm:admission_rejections_total{job="vllm",instance="1",model_name="acme/a",reason="q"}', values: '0+60x30'}
      - {series: 'vllm:admission_rejections_total{job="vllm",instance="2",model_name="acme/b",reason="q"}', values: '0+60x30'}
    promql_expr_test:
      - expr: model:vllm_admission_rejections:threshold
        eval_time: 25m
        exp_samples:
          - {labels: 'model:vllm_admission_rejections:threshold{job="vllm",model_name="acme/a",severity="warning"}', value: 5}
          - {labels: 'model:vllm_admission_rejections:threshold{job="vllm",model_name="acme/b",severity="warning"}', value: 0}
      - expr: count by (model_name) (ALERTS{alertname="VllmAdmissionRejections",alertstate="firing"})
        eval_time: 25m
        exp_samples: [{labels: '{model_name="acme/b"}', value: 1}]
"""

    assert "" == _faults(tmp_path, site, scenario)


def test_an_override_adds_no_rule() -> None:
    """The rules are as many as before, and the alerts the same to the letter."""
    site = {"models": [{"match": "acme/a", "thresholds": {"kv_cache_usage": {"warning": 0.9}}}]}
    plain, own = (rule_files(rules_for(parse(each))) for each in ({}, site))

    assert plain["alerts/vllm-alerts.yaml"] == own["alerts/vllm-alerts.yaml"]
    assert plain["alerts/vllm-recording-rules.yaml"].count("record:") == own["alerts/vllm-recording-rules.yaml"].count(
        "record:"
    )


def test_tables_show_a_sites_own_word_for_the_namespace() -> None:
    """The innermost scope label beside the job, and nothing of a label that the site doesn't have."""
    own = artefacts(parse({"scope_labels": ["region", "kubernetes_namespace", "job"]}))["dashboards/vllm-overview.json"]

    assert '"renameByName"' in own
    assert '"kubernetes_namespace": "Kubernetes namespace"' in own
    assert '"namespace"' not in own


def test_a_site_with_ray_names(tmp_path: Path) -> None:
    """Ray's sanitised names with their ReplicaId are read as vLLM's own."""
    series = ",".join(('job="vllm"', 'instance="1"', 'model_name="m"', 'ReplicaId="r1"'))
    scenario = f"""
  - interval: 1m
    input_series:
      - {{series: 'ray_vllm_num_requests_waiting{{{series}}}', values: '60x30'}}
    promql_expr_test:
      - expr: count by (severity) (ALERTS{{alertname="VllmRequestsWaiting",alertstate="firing"}})
        eval_time: 15m
        exp_samples: [{{labels: '{{severity="critical"}}', value: 1}}, {{labels: '{{severity="warning"}}', value: 1}}]
"""

    assert "" == _faults(tmp_path, {"metric_prefixes": ["ray_vllm_"]}, scenario)


def test_gauges_of_two_prometheus_replicas_are_one_engines(tmp_path: Path) -> None:
    """A store that keeps the samples of both: six requests wait, not twelve."""
    rows = "".join(
        f'      - {{series: \'vllm:num_requests_waiting{{job="vllm",instance="a",model_name="m",engine="0",'
        f"prometheus_replica=\"{n}\"}}', values: '6x60'}}\n"
        for n in range(2)
    )
    scenario = f"""
  - interval: 30s
    input_series:
{rows}    promql_expr_test:
      - expr: model:vllm_requests_waiting:sum
        eval_time: 25m
        exp_samples: [{{labels: 'model:vllm_requests_waiting:sum{{job="vllm",model_name="m"}}', value: 6}}]
"""

    assert "" == _faults(tmp_path, {}, scenario)


@pytest.mark.parametrize(("slow", "fires"), [(60, 1), (3, 0)])
def test_an_end_to_end_objective_on_request(tmp_path: Path, slow: int, fires: int) -> None:
    """99 % within 30 s, once a site asks for it: 60 % late pages within minutes, 3 % is under every hourly page's factor."""
    site = {"objectives": [{"of": "e2e", "target": 0.99, "within": 30}]}
    series = 'job="vllm",instance="1",model_name="m",engine="0"'
    expected = f"[{{labels: '{{}}', value: {fires}}}]" if fires else "[]"
    scenario = f"""
  - interval: 1m
    input_series:
      - {{series: 'vllm:e2e_request_latency_seconds_bucket{{{series},le="30.0"}}', values: '0+{100 - slow}x60'}}
      - {{series: 'vllm:e2e_request_latency_seconds_bucket{{{series},le="+Inf"}}', values: '0+100x60'}}
    promql_expr_test:
      - expr: count(ALERTS{{alertname="VllmE2eBudgetBurn",alertstate="firing",severity="critical",window="1h"}})
        eval_time: 15m
        exp_samples: {expected}
"""

    assert "" == _faults(tmp_path, site, scenario)


def test_engines_with_other_buckets(tmp_path: Path) -> None:
    """Old bounds end at 10 s, new ones go on: over both, the p95 is counted at the bounds that both have.

    The old engine has 100 first tokens under 1 s; the new one 80 under 1 s and 20 between 10 and 20 s. Of 200 the 190th
    lies past 10 s, the last bound that both have: "more than 10 s" is what is known. Summed bound by bound it would read
    2560 s, since at 20 s only the new engine's 100 are counted. The share within 1 s, 180 of 200, is exact.
    """
    old, new = (f'job="vllm",instance="{name}",model_name="m",engine="0"' for name in ("old", "new"))
    rows = [(old, "1.0", 100), (old, "10.0", 100), (old, "+Inf", 100)]
    rows += [(new, "1.0", 80), (new, "10.0", 80), (new, "20.0", 100), (new, "2560.0", 100), (new, "+Inf", 100)]
    series = "\n".join(
        f"      - {{series: 'vllm:time_to_first_token_seconds_bucket{{{labels},le=\"{le}\"}}', values: '0+{n}x30'}}"
        for labels, le, n in rows
    )
    scenario = f"""
  - interval: 1m
    input_series:
{series}
    promql_expr_test:
      - expr: round(model:vllm_time_to_first_token_seconds:p95_rate5m, 0.001)
        eval_time: 20m
        exp_samples: [{{labels: '{{job="vllm",model_name="m"}}', value: 10}}]
      - expr: round(model:vllm_slo_ttft_bad:ratio5m, 0.001)
        eval_time: 20m
        exp_samples: [{{labels: '{{job="vllm",model_name="m"}}', value: 0.1}}]
"""

    assert "" == _faults(tmp_path, WITHIN_A_SECOND, scenario)


def test_an_engine_without_the_objectives_bound_is_left_out(tmp_path: Path) -> None:
    """Of two engines one has no bound at 1 s: the share is that of the other, 90 %, not half of it."""
    rows = [("has", "1.0", 90), ("has", "+Inf", 100), ("lacks", "2.0", 50), ("lacks", "+Inf", 100)]
    series = "\n".join(
        f'      - {{series: \'vllm:time_to_first_token_seconds_bucket{{job="vllm",instance="{i}",model_name="m",le="{le}"}}\','
        f" values: '0+{n}x30'}}"
        for i, le, n in rows
    )
    scenario = f"""
  - interval: 1m
    input_series:
{series}
    promql_expr_test:
      - expr: round(model:vllm_slo_ttft_bad:ratio5m, 0.001)
        eval_time: 20m
        exp_samples: [{{labels: '{{job="vllm",model_name="m"}}', value: 0.1}}]
"""

    assert "" == _faults(tmp_path, WITHIN_A_SECOND, scenario)
