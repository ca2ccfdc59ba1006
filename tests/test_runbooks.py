"""Runbook pages: one for every alert, whole, with queries that run and bounds that are the rules' own. Fails closed."""

from __future__ import annotations

import functools
import json
import math
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from click.testing import CliRunner

from harness.programs import ROOT, promtool_test_rules
from harness.ruletests import LOADER
from recordings import PAGES as SCRAPES
from vllm_observability.build.artefacts import rule_files
from vllm_observability.build.files import stray, write
from vllm_observability.catalog import beside, checks, metrics, slo
from vllm_observability.catalog.runbooks import ALL, BESIDE, BY_ALERT, require_runbooks
from vllm_observability.command.cli import main
from vllm_observability.pages.scrape import read_page
from vllm_observability.render.docs.runbooks import runbook_pages
from vllm_observability.rules.site import rules_for
from vllm_observability.settings import Settings, parse

FOLDER = "alerts/runbooks/"
HEADINGS = ["Meaning", "Impact", "Diagnosis", "Mitigation"]


def _built(site: Mapping[str, object]) -> dict[str, str]:
    """Rules and runbooks of a site: the other files have nothing to do with either."""
    rules = rules_for(parse(site))
    return {**rule_files(rules), **runbook_pages(rules)}


# vLLM's options that runbooks may name, each looked up in vLLM's own documentation; anything else is a slip.
FLAGS = """
--api-server-count --chat-template --disable-log-stats --enable-prefix-caching --gpu-memory-utilization --kv-cache-dtype
--kv-offloading-size --kv-transfer-config --max-loras --max-model-len --max-num-batched-tokens --max-num-queued-reqs
--max-num-queued-tokens --max-num-seqs --served-model-name --speculative-config --tensor-parallel-size
""".split()
OTHERS = {"kubectl logs --previous", "py-spy dump --pid", "review --prometheus URL --alert"}
# What Prometheus itself adds to every scrape or says of its own rules.
PROMETHEUS = {"up", "scrape_samples_scraped", "scrape_duration_seconds"}
PROMETHEUS |= {"prometheus_rule_evaluation_failures_total", "prometheus_rule_group_rules"}

# Silly and distinct, so that a default or a swap shows.
ODD: dict[str, Any] = {
    "metric_prefixes": ["ray_vllm_"],
    "scope_labels": ["zone"],
    "target_selector": 'team="llm"',
    "scrape_interval": "31s",
    "rate_window": "7m",
    "dashboard_url": "https://boards.test/{board}",
    "thresholds": {
        "kv_cache_usage": {"warning": 0.77, "critical": 0.91},
        "requests_waiting": {"warning": 13, "critical": 1700},
        "ttft": {"warning": 0.045, "critical": 6.1},
        "itl": {"critical": 0.3},
        "queue_drain": {"warning": 39, "critical": 333},
        "queue_time": {"critical": 7200},
        "preemptions": {"warning": 0.07},
        "prefix_cache_drop": {"info": 0.125},
        "scrape_slow": {"warning": 0.23},
        "config_drift": {"info": 3},
    },
    "models": [
        {"match": "acme/a|acme/b", "thresholds": {"kv_cache_usage": {"warning": 0.86}, "ttft": {"critical": 11}}},
        {"match": "acme/.*", "thresholds": {"kv_cache_usage": {"warning": 0.88}}},
    ],
    "objectives": [
        {"of": "e2e", "target": 0.97, "within": 30, "match": "acme/.*"},
        {"of": "e2e", "target": 0.9, "within": 60},
        {"of": "errors", "target": 0.995},
    ],
}
SITES: dict[str, Mapping[str, Any]] = {"plain": {}, "odd": ODD}


@functools.cache  # built by tests, not by every worker that collects them
def _of(site: str) -> dict[str, str]:
    return _built(SITES[site])


@pytest.fixture
def files(request: pytest.FixtureRequest) -> Mapping[str, str]:
    """Rules and runbooks of a site, by its name."""
    return _of(request.param)


def _pages(files: Mapping[str, str]) -> dict[str, str]:
    """Alert -> page."""
    found = {path.removeprefix(FOLDER).removesuffix(".md"): text for path, text in files.items() if FOLDER in path}
    return {name: text for name, text in found.items() if name != "README"}


def _rules(files: Mapping[str, str], kind: str) -> list[dict[str, Any]]:
    return _read(files[f"alerts/vllm-{kind}.yaml"])


@functools.cache
def _read(text: str) -> list[dict[str, Any]]:
    return [rule for group in yaml.load(text, LOADER)["groups"] for rule in group["rules"]]


def _alerts(files: Mapping[str, str]) -> set[str]:
    return {rule["alert"] for rule in _rules(files, "alerts")}


def _sections(page: str) -> dict[str, str]:
    parts = re.split(r"^## (.*)\n", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _queries(page: str) -> list[str]:
    return [text.strip() for text in re.findall(r"^```promql\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)]


BUNDLES = pytest.mark.parametrize("files", SITES, indirect=True)
PAGE = pytest.mark.parametrize(
    "alert", sorted({rule.alert for group in rules_for(Settings()).alerting for rule in group.rules})
)


# ------------------------------------------------------------------------------------------- complete


def test_there_are_alerts_and_rows() -> None:
    """A gate that finds nothing to look at must not pass."""
    assert len(_alerts(_of("plain"))) > 20
    assert len(ALL) >= len(_alerts(_of("plain")))


def test_every_alert_of_the_catalogue_has_one_row() -> None:
    """Checks may share an alert, and so its row; no row is about an alert that doesn't exist."""
    known = {check.alert for check in (*checks.ALL, *beside.CHECKS) if check.alert} | {
        budget.alert for budget in slo.BUDGETS
    }

    require_runbooks(known)
    assert known == set(BY_ALERT), "A runbook is about an alert that does not exist."
    assert len(ALL) + len(BESIDE) == len(BY_ALERT)


def test_a_forgotten_runbook_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By the build too, which is where a new alert is first seen; not by a traceback."""
    monkeypatch.delitem(BY_ALERT, "VllmTargetDown")
    done = CliRunner().invoke(main, ["build", "--out", str(tmp_path)])

    assert 2 == done.exit_code
    assert (
        'Error: VllmTargetDown has no runbook: write Runbook("VllmTargetDown", …) in a file of '
        "generator/vllm_observability/catalog/runbooks/ (presence.py has examples).\n"
    ) == done.output


def test_a_row_says_when_an_event_fires_and_only_then() -> None:
    """Where there is a bound, the bound says it."""
    events = {check.alert for check in checks.ALL if all(bound.value is None for bound in check.bounds)}

    assert events == {row.alert for row in ALL if row.event}


@BUNDLES
def test_each_emitted_alert_has_a_page_and_no_page_is_stray(files: Mapping[str, str]) -> None:
    """Page for page the alerts that the rules hold."""
    assert _alerts(files) == set(_pages(files))


def test_a_stray_page_is_a_leftover(tmp_path: Path) -> None:
    """The build would remove a page that an earlier one wrote, and no other."""
    write(tmp_path, {f"{FOLDER}{name}": "# Old\n" for name in ("VllmOld.md", "VllmTargetDown.md")})
    (tmp_path / FOLDER / "VllmMine.md").write_text("somebody's own\n")

    assert [tmp_path / FOLDER / "VllmOld.md"] == stray(tmp_path, _of("plain"))


@PAGE
def test_a_page_has_its_four_headings_with_text(alert: str) -> None:
    """Exactly these at level 2, in this order, each with something to read; when to do nothing comes last."""
    page = _pages(_of("plain"))[alert]
    sections = _sections(page)

    assert page.startswith(f"# {alert}\n")
    assert HEADINGS == list(sections)
    assert [] == [name for name, text in sections.items() if len(text.split()) < 12]
    assert re.search(r"\*\*When to do nothing:\*\* \S.*\.\n$", sections["Mitigation"])
    assert len(re.findall(r"^\d\. .* \*Costs:\* \w", sections["Mitigation"], re.MULTILINE)) >= 2


@PAGE
def test_a_page_reads_cleanly(alert: str) -> None:
    """No placeholder is left over, no sentence ends twice, no line ends in a blank, no empty lines pile up."""
    page = _pages(_of("plain"))[alert]
    prose = re.sub(r"```.*?```|`[^`]*`", "code", page, flags=re.DOTALL)

    assert [] == re.findall(r"\{\w*\}|\.\.(?!/)|\.:| \.| ,", prose)
    assert [] == [line for line in page.splitlines() if line != line.rstrip()]
    assert "\n\n\n" not in page
    assert page.endswith(".\n")


def test_each_step_has_answers_that_differ() -> None:
    """A question with one answer is no question; no page asks the same query twice."""
    for row in ALL:
        queries = [(step.query, step.level, step.by) for step in row.diagnosis]
        assert len(queries) == len(set(queries)), row.alert
        for step in row.diagnosis:
            assert len(step.answers) >= 2, (row.alert, step.question)
            assert len({seen for seen, _ in step.answers}) == len(step.answers), row.alert
            assert "next step" not in " ".join(means for _, means in row.diagnosis[-1].answers), row.alert


# ---------------------------------------------------------------------------------------------- queries


@BUNDLES
def test_a_page_asks_three_or_four_queries(files: Mapping[str, str]) -> None:
    """Enough to tell causes apart, few enough for the night."""
    assert {} == {alert: n for alert, page in _pages(files).items() if (n := len(_queries(page))) not in (3, 4)}


def _known(prefix: str, files: Mapping[str, str]) -> set[str]:
    """What rules record, what Prometheus says itself, and every name that a metric has had."""
    own = {
        series.replace("vllm:", prefix, 1)
        for metric in metrics.ALL
        for part in metric.parts
        for series in metric.series(part)
    }
    return own | {rule["record"] for rule in _rules(files, "recording-rules")} | PROMETHEUS


def _names(query: str) -> set[str]:
    found = set()

    def enter(node: Any) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            found.add(node.name)

    promql_parser.walk(promql_parser.parse(query), enter, lambda _: None)
    return found


@pytest.mark.parametrize(("files", "prefix"), [("plain", "vllm:"), ("odd", "ray_vllm_")], indirect=["files"])
def test_every_query_parses_and_names_what_exists(files: Mapping[str, str], prefix: str) -> None:
    """A query that is stale or misspelt would send somebody at night on a wrong trail."""
    names = {name for page in _pages(files).values() for query in _queries(page) for name in _names(query)}

    assert len(names) > 30
    assert set() == names - _known(prefix, files)


# Nothing to see on the two servers below, and why. Everything else has to answer.
UNANSWERED = {
    "offset 1d": "they are an hour old",
    "offset 1h": "they are an hour old",
    "prometheus_rule": "promtool has no rules about itself",
    "model:vllm_kv_transfer_failures": "no connector",
    "nixl": "no connector",
    "spec_decode": "no speculative decoding",
    "corrupted": "not switched on",
    "unless on": "nothing stalls",
    "budget_left": "it is made of hourly means",
    "queue_drain": "nobody waits",
}


def test_every_query_runs(tmp_path: Path) -> None:
    """Over two servers with three engines, under the emitted rules: no error of matching, and an answer."""
    series: dict[str, str] = {
        f'{name}{{job="vllm",instance="{one}"}}': f"{value}x60"
        for one in "ab"
        for name, value in (("up", 1), ("scrape_samples_scraped", 454), ("scrape_duration_seconds", 0.25))
    }
    for one, folder in (("a", "vllm-0.32.0"), ("b", "vllm-0.32.0-dp2")):
        loaded, after = (_samples(SCRAPES / folder / f"{page}.txt", one) for page in ("loaded", "after"))
        for key, value in after.items():
            series[key] = f"{loaded.get(key, 0)}x56 {value}x3"
    asked = sorted({query for page in _pages(_of("plain")).values() for query in _queries(page)})
    silent = [query for query in asked if any(part in query for part in UNANSWERED)]
    rule_files = [str(ROOT / "alerts" / f"vllm-{kind}.yaml") for kind in ("recording-rules", "alerts")]
    checks_ = [
        {
            "expr": f"group(\n{query}\n) or vector(0)",
            "eval_time": "58m",
            "exp_samples": [{"labels": "{}", "value": 0 if query in silent else 1}],
        }
        for query in asked
    ]
    test = {
        "interval": "1m",
        "input_series": [{"series": key, "values": values} for key, values in series.items()],
        "promql_expr_test": checks_,
    }
    path = tmp_path / "queries.yaml"
    document = {"rule_files": rule_files, "evaluation_interval": "1m", "tests": [test]}
    path.write_text(yaml.safe_dump(document, width=10**9))

    assert len(asked) > 40
    assert len(silent) < len(asked) / 2
    assert [] == [part for part in UNANSWERED if not any(part in query for query in asked)]
    assert "" == promtool_test_rules(path)


def _samples(path: Path, instance: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for sample in read_page(path.read_bytes()).samples:
        if math.isfinite(sample.value):
            labels = {"job": "vllm", "instance": instance, **sample.labels}
            text = ",".join(f"{key}={json.dumps(value)}" for key, value in labels.items())
            found.setdefault(f"{sample.name}{{{text}}}", sample.value)
    return found


# ----------------------------------------------------------------------------------------------- bounds

_SIZES = {"": 1.0, "%": 0.01, "ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}


def _shown(page: str) -> list[tuple[str, list[float]]]:
    """(severity, the numbers in bold) of each row of a page's table, read back into the unit of the series."""
    rows = re.findall(r"^\| (info|warning|critical) \| (.*?) \| [\w ]+ \| ", page, re.MULTILINE)
    return [(severity, [_number(text) for text in re.findall(r"\*\*(.*?)\*\*", when)]) for severity, when in rows]


def _number(text: str) -> float:
    amount, _, unit = text.replace(",", "").partition(" ")
    return float(amount) * _SIZES.get(unit, 1.0)


@pytest.mark.parametrize(("files", "site"), SITES.items(), ids=SITES, indirect=["files"])
def test_the_bounds_shown_are_the_rules_own(files: Mapping[str, str], site: Mapping[str, Any]) -> None:
    """Default first, then those of certain models in their order; holds too. The rule's text has them the other way."""
    recorded = {
        (rule["record"], rule["labels"]["severity"]): [float(n) for n in re.findall(r"\) \* (\S+)", rule["expr"])]
        for rule in _rules(files, "recording-rules")
        if rule["record"].endswith(":threshold")
    }
    assert len(recorded) > 25
    compared = 0
    for alert, page in _pages(files).items():
        rows = iter(_shown(page))
        for rule in (rule for rule in _rules(files, "alerts") if rule["alert"] == alert):
            severity, numbers = next(rows)
            names = re.findall(r"model:vllm_\w+:threshold", rule["expr"])
            assert rule["labels"]["severity"] == severity
            if names:
                *overrides, default = recorded[names[0], severity]
                assert pytest.approx([default, *overrides]) == numbers, (alert, severity)
                compared += 1
        assert next(rows, None) is None, alert
    bounded = [rule for rule in _rules(files, "alerts") if ":threshold" in rule["expr"]]
    assert compared == len(bounded) > 25
    assert (
        site == {}
        or "**77 %** (**86 %** for models `acme/a\\|acme/b`) (**88 %**" in _pages(files)["VllmKvCacheUsageHigh"]
    )


@BUNDLES
def test_the_shares_of_budgets_are_the_rules_own(files: Mapping[str, str]) -> None:
    """Factor times what the objective leaves, one for each objective of the kind."""
    objectives = {
        rule["record"]: [float(n) for n in re.findall(r"\) \* (\S+)", rule["expr"])]
        for rule in _rules(files, "recording-rules")
        if rule["record"].endswith(":objective")
    }
    for alert in _alerts(files) & {budget.alert for budget in slo.BUDGETS}:
        rows = iter(_shown(_pages(files)[alert]))
        for rule in (rule for rule in _rules(files, "alerts") if rule["alert"] == alert):
            factor, name = re.search(r"> (\S+) \* \(1 - (\S+)\)", rule["expr"]).groups()  # type: ignore[union-attr]
            severity, numbers = next(rows)
            assert rule["labels"]["severity"] == severity
            assert pytest.approx([float(factor) * (1 - target) for target in objectives[name]]) == numbers, alert


@BUNDLES
def test_holds_are_the_rules_own(files: Mapping[str, str]) -> None:
    """In the order of the rules; without one it fires at once."""
    for alert, page in _pages(files).items():
        shown = re.findall(r"^\| (?:info|warning|critical) \| .*? \| ([\w ]+) \| ", page, re.MULTILINE)
        rules = [rule for rule in _rules(files, "alerts") if rule["alert"] == alert]
        assert [rule.get("for", "at once") for rule in rules] == shown, alert


@BUNDLES
def test_a_page_lists_what_its_alert_reads(files: Mapping[str, str]) -> None:
    """Every recorded series of its expressions, and no other."""
    for alert, page in _pages(files).items():
        listed = re.search(r"^- \*\*Reads:\*\* (.*)$", page, re.MULTILINE)
        read = {
            name
            for rule in _rules(files, "alerts")
            if rule["alert"] == alert
            for name in re.findall(r"(?:engine|model):vllm_\w+:\w+", rule["expr"])
        }
        assert listed
        assert read == set(re.findall(r"`([^`]+)`", listed[1])), alert


# ------------------------------------------------------------------------------------------ other sites


def test_no_default_is_left_at_an_odd_site() -> None:
    """Another prefix, other labels, another selector and other windows: pages name none of the defaults."""
    for name, page in _pages(_of("odd")).items():
        assert "vllm:" not in page, name
        assert "grafana.example" not in page, name
        for query in _queries(page):
            assert [] == re.findall(r"cluster|namespace|\bjob\b(?!!~)|rate5m|\[5m\]|\[60s\]|/ 15\b", query), name
    text = "\n".join(_pages(_of("odd")).values())
    for own in ("ray_vllm_num_requests_waiting", 'team="llm"', "31s", "last 7m", "rate7m", "[124s]", "by (zone"):
        assert own in text, own


def test_an_alert_that_is_off_has_no_page() -> None:
    """Nor a line in the index, nor a link; pages that mention it name it only."""
    files = _built({"alerts_off": ["VllmPreemptionsHigh", "VllmItlBudgetBurn"]})
    text = "\n".join(text for path, text in files.items() if FOLDER in path)

    assert {"VllmPreemptionsHigh", "VllmItlBudgetBurn"} == set(_pages(_of("plain"))) - set(_pages(files))
    assert "VllmPreemptionsHigh.md" not in text
    assert "follow VllmPreemptionsHigh first" in text


def test_an_objective_on_request_brings_its_page() -> None:
    """End-to-end latency has no objective by default."""
    assert "VllmE2eBudgetBurn" not in _pages(_of("plain"))
    page = _pages(_of("odd"))["VllmE2eBudgetBurn"]
    assert "Objective: 97 % of the requests of models `acme/.*` within 30 s; 90 % of the requests within 60 s." in page
    assert "**144 %** (which can't be)" in page


# ------------------------------------------------------------------------------------------------ links


@BUNDLES
def test_every_relative_link_leads_to_a_file_of_the_bundle(files: Mapping[str, str]) -> None:
    """Pages and rules; boards have the same names at every site, and those of the default one stand in the project."""
    links = [
        (path, posixpath.normpath(posixpath.join(posixpath.dirname(path), link)))
        for path, text in files.items()
        if FOLDER in path
        for link in re.findall(r"\]\(([^)]+)\)", text)
        if "://" not in link
    ]

    assert len(links) > 100
    assert [] == [(path, link) for path, link in links if link not in files and not (ROOT / link).is_file()]


@PAGE
def test_a_page_leads_to_the_board_of_its_alert(alert: str) -> None:
    """The same address as the alert's own annotation, before the model is chosen."""
    urls = {
        rule["annotations"]["dashboard_url"].partition("?")[0]
        for rule in _rules(_of("plain"), "alerts")
        if rule["alert"] == alert
    }
    shown = re.search(r"^- \*\*Shown on:\*\* (.*)$", _pages(_of("plain"))[alert], re.MULTILINE)

    assert shown
    assert urls <= set(re.findall(r"\((https://[^)]+)\)", shown[1]))


@BUNDLES
def test_the_index_lists_every_alert_once(files: Mapping[str, str]) -> None:
    """With severity, what fires it, and the first question of its page."""
    index = files[f"{FOLDER}README.md"]
    lines = re.findall(r"^\| \[(\w+)\]\((\w+)\.md\) \| (.+) \| (.+) \|$", index, re.MULTILINE)

    assert _alerts(files) == {name for name, _, _, _ in lines}
    assert len(lines) == len(_alerts(files))
    for name, target, fires, question in lines:
        assert name == target
        severities = {rule["labels"]["severity"] for rule in _rules(files, "alerts") if rule["alert"] == name}
        assert severities == set(re.findall(r"\*\*(info|warning|critical)\*\*:", fires)), name
        assert f"**1. {question}**" in _pages(files)[name]


# ------------------------------------------------------------------------------------------------ flags


def test_flags_are_vllms_own() -> None:
    """A misspelt option costs a restart; an option that nothing names any more leaves the list."""
    text = "\n".join([*_pages(_of("odd")).values(), *_pages(_of("plain")).values()])
    for other in OTHERS:
        assert other in text
        text = text.replace(other, "")

    assert set(FLAGS) == set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", text))
