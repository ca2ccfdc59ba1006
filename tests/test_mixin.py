"""The Jsonnet mixin is the bundle: with its defaults to the letter, and with choices what a build with them gives."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import _gojsonnet
import _jsonnet
import pytest
import yaml

from built import bundle
from harness.programs import ROOT, prometheus_lines, promtool_check_rules
from harness.ruletests import LOADER
from vllm_observability.catalog import boards
from vllm_observability.model import Unit
from vllm_observability.pages.matching import regex_problem
from vllm_observability.render.mixin.jsonnet import Code, StandIns, jsonnet_text, quoted
from vllm_observability.render.mixin.mixin import mixin
from vllm_observability.settings import Settings, parse
from vllm_observability.settings.selectors import SelectorError, matchers
from vllm_observability.words.phrases import English

MIXIN = ROOT / "deploy/mixin"
Config = Mapping[str, Any]
Evaluate = Callable[[str, str], str]


EVERYTHING = "{ rules: mixin.prometheusRules, alerts: mixin.prometheusAlerts, boards: mixin.grafanaDashboards }"


def _evaluated(
    config: Config, evaluate: Evaluate = _gojsonnet.evaluate_snippet, folder: Path = MIXIN, wanted: str = EVERYTHING
) -> Any:
    """What a user of the mixin gets, as plain data."""
    return json.loads(
        evaluate(
            "user.jsonnet",
            f"local mixin = (import '{folder}/mixin.libsonnet') + {{ _config+:: {json.dumps(config)} }}; {wanted}",
        )
    )


def _built(settings: Settings) -> dict[str, Any]:
    """The same, out of the files of a build."""
    files = bundle(settings)
    return {
        "rules": yaml.load(files["alerts/vllm-recording-rules.yaml"], LOADER),
        "alerts": yaml.load(files["alerts/vllm-alerts.yaml"], LOADER),
        "boards": {
            name.removeprefix("dashboards/").replace("fleet/vllm-", "vllm-fleet-"): json.loads(text)
            for name, text in files.items()
            if name.startswith("dashboards/") and name.endswith(".json")
        },
    }


def _unfolded(data: Any) -> Any:
    """Without white space in texts: a longer name folds a query at other places. A column keeps its build's width."""
    if isinstance(data, dict):
        if data.get("id") == "custom.width":
            return {"id": "custom.width"}
        return {_unfolded(key): _unfolded(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_unfolded(item) for item in data]
    # A panel's words are written before a mixin's user chooses a bound, so only a build says what the default was.
    return re.sub(r"\s\(so the default is [^)]*\)|\s+", "", data) if isinstance(data, str) else data


def _differences(one: Any, other: Any, place: str = "") -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one.keys() | other.keys():
            yield from _differences(one.get(key), other.get(key), f"{place}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for i, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _differences(left, right, f"{place}.{i}")
    elif one != other:
        yield f"{place}: {one!r} != {other!r}"


# ----------------------------------------------------------------------------------------- equal to a build


@pytest.mark.parametrize(
    "evaluate", [_gojsonnet.evaluate_snippet, _jsonnet.evaluate_snippet], ids=["go", "c++"]
)  # fmt: skip
def test_with_defaults_it_is_what_a_build_emits(evaluate: Evaluate) -> None:
    """Of both forms of the boards, of rules and of alerts, in either Jsonnet."""
    mixed, built = _evaluated({}, evaluate), _built(Settings())

    assert 2 * len(boards.ALL) == len(built["boards"])
    assert [] == list(_differences(mixed, built))


ELSEWHERE = {"runbook_url": "https://wiki.example/{alert}.html", "dashboard_url": "https://g.example/d/{board}"}
# Check by check: a count, a share, seconds, a rate, a check for "less than", one of servers, none at all.
BOUNDS = {
    "config_drift": {"info": 3},
    "kv_cache_usage": {"warning": 0.9, "critical": 0.9875},
    "requests_waiting": {"warning": 1234, "critical": 50000},
    "queue_drain": {"critical": 7300},
    "ttft": {"warning": 0.2},
    "itl": {"critical": 0.1234},
    "admission_rejections": {"warning": 0.25},
    "spec_decode_acceptance": {"info": 0.125},
    "throughput_dropped": {"warning": 0.01},
    "scrape_slow": {"warning": 0.75},
    "request_errors": {"warning": 0},
}
MODELS = [
    {
        "match": "acme/v\\d+",
        "thresholds": {"kv_cache_usage": {"warning": 0.97, "critical": 0.99}, "itl": {"critical": 2.5}},
    },
    {"match": "acme/.*"},
    {"match": 'a"b', "thresholds": {"itl": {"warning": 0.2}, "kv_cache_usage": {"warning": 0.6}}},
]
HOLDS = {"corrupted_requests": {"warning": "5m"}, "ttft": {"critical": "150s"}}
OFF = ["VllmAbortsHigh", "VllmTtftBudgetBurn", "VllmItlBudgetBurn", "VllmErrorBudgetBurn"]
CHOICES: dict[str, tuple[Config, Config]] = {  # _config, and the settings that mean the same
    "names": (
        {
            "metric_prefix": "ray_vllm_",
            "cluster_label": "kube_cluster",
            "namespace_label": "kubernetes_namespace_name",
            "target_selector": 'job="llm",team=~"a|b\\\\d"',
            **ELSEWHERE,
        },
        {
            "metric_prefixes": ["ray_vllm_"],
            "scope_labels": ["kube_cluster", "kubernetes_namespace_name", "job"],
            "target_selector": 'job="llm",team=~"a|b\\\\d"',
            **ELSEWHERE,
        },
    ),
    "an address with a query": (
        {"dashboard_url": "https://g.example/d/{board}?orgId=2", "runbook_url": "https://w.example/?page={alert}#top"},
        {"dashboard_url": "https://g.example/d/{board}?orgId=2", "runbook_url": "https://w.example/?page={alert}#top"},
    ),
    "bounds": ({"thresholds": BOUNDS}, {"thresholds": BOUNDS}),
    "models": ({"models": MODELS}, {"models": MODELS}),
    "alerts": (
        {"holds": HOLDS, "alerts_off": OFF, "objectives": {"ttft": 0.999, "errors": 0.99995}},
        {
            "holds": HOLDS,
            "alerts_off": OFF,
            "objectives": [
                {"of": "ttft", "target": 0.999},
                {"of": "itl", "target": 0.99},
                {"of": "errors", "target": 0.99995},
            ],
        },
    ),
}


@pytest.mark.parametrize("choice", CHOICES)
def test_choices_give_what_a_build_with_them_gives(choice: str, tmp_path: Path) -> None:
    """Rules, alerts and boards alike, colours and words included; and promtool takes the rules."""
    config, site = CHOICES[choice]
    mixed = _evaluated(config)

    assert [] == list(_differences(_unfolded(mixed), _unfolded(_built(parse(site)))))
    for name in ("rules", "alerts"):
        (tmp_path / f"{name}.json").write_text(json.dumps(mixed[name]))
    for line in prometheus_lines():
        assert "" == promtool_check_rules(sorted(tmp_path.iterdir()), line)


def test_a_bound_changes_its_rule_and_its_panels_only() -> None:
    """No alert, no other rule, and on boards only panels that are judged by it."""
    plain, own = _evaluated({}), _evaluated({"thresholds": {"kv_cache_usage": {"warning": 0.9}}})
    (rule,) = _differences(plain["rules"], own["rules"])
    on_boards = list(_differences(plain["boards"], own["boards"]))

    assert plain["alerts"] == own["alerts"]
    assert "* 0.8'" in rule
    assert "* 0.9'" in rule
    assert on_boards
    assert all("Warning above 90 %" in each or ": 0.8 != 0.9" in each for each in on_boards)


def test_a_sites_own_mixin_has_its_choices_as_defaults(tmp_path: Path) -> None:
    """Built with settings of its own, and overridden on top of them."""
    site = parse(
        {
            "metric_prefixes": ["ray_vllm_", "vllm:"],
            "scope_labels": ["env_name", "job"],
            "target_selector": "",
            "thresholds": {"kv_cache_usage": {"warning": 0.7}},
            "models": [{"match": "a", "thresholds": {"ttft": {"warning": 2}}}],
            "objectives": [
                {"of": "ttft", "target": 0.9, "within": 2.5, "match": "slow-.*"},
                {"of": "ttft", "target": 0.95, "within": 1.0},
            ],
            "alerts_off": ["VllmAbortsHigh"],
        }
    )
    for name, text in mixin(site).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    folder = tmp_path / "deploy/mixin"

    assert [] == list(_differences(_unfolded(_evaluated({}, folder=folder)), _unfolded(_built(site))))
    own = _evaluated({"objectives": {"ttft_2": 0.99}, "alerts_off": [], "env_name_label": "tier"}, folder=folder)
    (rule,) = (r for g in own["rules"]["groups"] for r in g["rules"] if r["record"] == "model:vllm_slo_ttft:objective")
    assert 'model_name=~"slow-.*"})*0.9or' in _unfolded(rule["expr"])
    assert rule["expr"].endswith("* 0.99")
    assert "VllmAbortsHigh" in {rule.get("alert") for group in own["alerts"]["groups"] for rule in group["rules"]}


@pytest.mark.parametrize("histograms", ["native", "both"])
def test_a_form_of_histograms_is_that_of_its_build(histograms: str, tmp_path: Path) -> None:
    """It shapes the queries, so that it is no choice of the mixin's users."""
    site = parse({"histograms": histograms})
    for name, text in mixin(site).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    drawn = _unfolded(_evaluated({}, folder=tmp_path / "deploy/mixin"))
    assert [] == list(_differences(drawn, _unfolded(_built(site))))


def test_boards_come_in_the_form_that_was_asked_for() -> None:
    """One form, the other, or both."""
    raw, fleet, both = (set(_evaluated({"boards": form})["boards"]) for form in ("raw", "fleet", "both"))

    assert "vllm-overview.json" in raw
    assert "vllm-fleet-overview.json" in fleet
    assert (len(boards.ALL), len(boards.ALL), 2 * len(boards.ALL)) == (len(raw), len(fleet), len(both))
    assert raw | fleet == both


# ------------------------------------------------------------------------------------------- stand-ins, words


def test_no_stand_in_is_left_and_none_could_be_meant_otherwise() -> None:
    """What stands for a choice occurs nowhere in a bundle, so that nothing else is replaced."""
    numbers = re.compile(
        r"(?<![\d.])(?:0\.7[12]\d{4}|1\.7[12]\d{4}|0\.78\d{4}|0\.79\d{4}|0\.9000\d\d|90\.00\d\d)(?!\d)"
    )
    for name, text in bundle(Settings()).items():
        assert "ø" not in text, name
        assert not numbers.search(text), name


@pytest.mark.parametrize("unit", [Unit.RATIO, Unit.SECONDS, Unit.COUNT, Unit.NONE, Unit.REQUESTS_PER_SECOND])
def test_bounds_are_said_as_everywhere(unit: Unit) -> None:
    """The words of the mixin are those of the reports and the boards."""
    numbers = [5e-7, 1e-5, 0.00123, 0.05, 0.1, 0.5, 0.8764, 0.9, 0.9994, 0.99996, 0.9996, 1, 1.25, 2.5, 10, 99.9, 119.5]
    numbers += [] if unit is Unit.RATIO else [120, 999.6, 1000, 1234.4, 7199, 7200, 50000, 172800, 1234567]
    snippet = (
        f"local words = import '{MIXIN}/lib/words.libsonnet'; [words.measure(x, '{unit.value}') for x in {numbers}]"
    )

    for evaluate in (_gojsonnet.evaluate_snippet, _jsonnet.evaluate_snippet):
        assert [English().measure(number, unit) for number in numbers] == json.loads(evaluate("words.jsonnet", snippet))


@pytest.mark.parametrize("text", ["plain", "it's", 'say "it"', 'it\'s "it"', "a\\b", "two\nlines\tand ✓", "", '\\"'])
def test_strings_are_written_as_jsonnet_reads_them(text: str) -> None:
    """Whatever quotes and escapes they hold."""
    assert text == json.loads(_gojsonnet.evaluate_snippet("text.jsonnet", quoted(text)))


def test_data_is_written_as_jsonnet_reads_it() -> None:
    """Keys that are no names, numbers, nothing, expressions; and what is optional."""
    data = {"for": 1, "a-b": [1.5, None, True, {}], "X": "X and X", "gone": "none", "kept": 7.25, "code": Code("1 + 1")}
    stand_ins = StandIns({"X": "('y')"}, {1.5: "2.5"}, {"none": "null", 7.25: "(7)"})
    expected = {"for": 1, "a-b": [2.5, None, True, {}], "y": "y and y", "kept": 7, "code": 2}

    assert expected == json.loads(_gojsonnet.evaluate_snippet("data.jsonnet", jsonnet_text(data, stand_ins)))


# ------------------------------------------------------------------------------------------------ mistakes


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"treshold": {}}, "_config: there is no treshold; known here: alerts_off, boards, cluster_label"),
        ({"thresholds": {"kv": {"warning": 0.9}}}, "thresholds: there is no kv; known here: aborts, "),
        ({"thresholds": {"kv_cache_usage": {"info": 0.9}}}, "kv_cache_usage: there is no info; known here: critical, "),
        ({"thresholds": {"kv_cache_usage": {"warning": "0.9"}}}, "thresholds.kv_cache_usage.warning: must be a number"),
        ({"thresholds": {"kv_cache_usage": {"warning": 80}}}, "thresholds.kv_cache_usage.warning: must be under 1"),
        ({"thresholds": {"kv_cache_usage": {"warning": 0.96}}}, "kv_cache_usage: the warning threshold must come"),
        ({"thresholds": {"ttft": {"critical": 1e4}}}, "thresholds.ttft.critical: must be under 2560, which is never"),
        ({"thresholds": {"requests_waiting": {"warning": -1}}}, "-1 is not a possible threshold"),
        ({"thresholds": {"target_down": {"critical": 1}}}, "target_down.critical: this check has no threshold"),
        ({"thresholds": {"ttft": 1}}, "thresholds.ttft: must be {severity: …}"),
        ({"thresholds": []}, "thresholds: must be {check: {severity: …}}"),
        ({"thresholds": {"throughput_dropped": {"warning": 0}}}, "dropped.warning: 0 can never be fallen below"),
        ({"models": {}}, "models: must be a list"),
        ({"models": ["a"]}, "models.0: must be {match: regular expression, thresholds: {…}}"),
        ({"models": [{"thresholds": {}}]}, "models.0.match: must be a regular expression"),
        ({"models": [{"match": "a", "bounds": {}}]}, "models.0: there is no bounds; known here: match, thresholds"),
        ({"models": [{"match": "a", "thresholds": {"ttft": {"warning": 9}}}]}, "models.0.thresholds.ttft: the warning"),
        ({"models": [{"match": "a", "thresholds": {"scrape_slow": {"warning": 0.6}}}]}, "is about servers, not models"),
        ({"holds": {"ttft": {"warning": "5"}}}, "holds.ttft.warning: must be a whole number with s, m, h or d"),
        ({"holds": {"ttft": {"warning": "30s"}}}, "holds.ttft.warning: 30s is under two evaluations (120s)"),
        ({"objectives": {"e2e": 0.9}}, "objectives: there is no e2e; known here: errors, itl, ttft"),
        ({"objectives": {"ttft": 95}}, "objectives.ttft: must lie between 0 and 1, as 0.95 for 95 %"),
        ({"alerts_off": ["VllmSlow"]}, "alerts_off: there is no VllmSlow; known here: VllmAbortsHigh, "),
        ({"alerts_off": "VllmAbortsHigh"}, "alerts_off: must be a list of alerts"),
        ({"boards": "all"}, "boards: must be both, raw or fleet"),
        ({"metric_prefix": "vllm"}, "metric_prefix: must be the begin of a metric's name"),
        ({"cluster_label": "a-b"}, "cluster_label: must be the name of a label"),
        ({"cluster_label": "model_name"}, "cluster_label: model_name is used by vLLM"),
        ({"cluster_label": "namespace"}, "cluster_label, namespace_label: a label is given twice"),
        ({"target_selector": ""}, "target_selector: must be PromQL matchers"),
        ({"runbook_url": "https://wiki.example/"}, "runbook_url: must hold {alert} once"),
        ({"dashboard_url": "https://g.example/{alert}"}, "dashboard_url: must hold {board} once"),
        ({"dashboard_url": "https://g.example/{board}#top"}, "dashboard_url: can't hold #"),
    ],
)  # fmt: skip
def test_a_choice_that_makes_no_sense_is_an_error_with_its_place(config: Config, said: str) -> None:
    """A typo must not be a silent default."""
    with pytest.raises(RuntimeError) as caught:
        _evaluated(config, wanted="mixin.prometheusAlerts")

    assert said in str(caught.value)


def test_all_mistakes_are_said_at_once() -> None:
    """One a line."""
    with pytest.raises(RuntimeError) as caught:
        _evaluated({"boards": "all", "alerts_off": ["A", "B"]}, wanted="mixin.prometheusAlerts")

    assert 3 == sum(line.startswith(("alerts_off: ", "boards: ")) for line in str(caught.value).splitlines())


def test_the_readmes_example_is_taken(tmp_path: Path) -> None:
    """As printed, for a checkout beside it: every file that it names comes out."""
    readme = (MIXIN / "README.md").read_text()
    example = re.search(r"```jsonnet\n(.*?)```", readme, re.S)
    assert example
    (tmp_path / "vllm-observability").symlink_to(ROOT)
    (tmp_path / "site.jsonnet").write_text(example[1])

    files = json.loads(_gojsonnet.evaluate_file(str(tmp_path / "site.jsonnet")))

    assert {"vllm-recording-rules.json", "vllm-alerts.json", "vllm-fleet-overview.json"} < set(files)
    assert "https://wiki.example/vllm/VllmTargetDown" in json.dumps(files["vllm-alerts.json"])


def test_the_readme_says_every_choice() -> None:
    """And none that isn't there."""
    table = (MIXIN / "README.md").read_text().split("## What can be chosen")[1].split("## ")[0]
    said = {name for row in re.findall(r"^\| (`.*?) \|", table, re.M) for name in re.findall(r"`(\w+)`", row)}

    assert said == set(json.loads(_gojsonnet.evaluate_file(str(MIXIN / "config.libsonnet"))))


# ------------------------------------------------------------------------- matchers and expressions, as RE2 has them

EXPRESSIONS = (
    "", "a\\", *r"""
    a .*vllm.* acme/batch-.* a|b| (a|b)c (?:a) (?i)a (?i:a) (?P<n>a) [a-z]+ []a] [^]a] \d+\.\d* \Q(\E \pL a{2,3} a{ a+?
    a*?b ^a$ (a)(b) [\]] [(] ((a)) a| |a (|a) \\ \( [*+?] \x41 (?s).* é+
    ( ) a) (a [a [ a++ a** a+* *a + ? (*a) a|* (?=a) (?!a) (?<=a) (?<!a) (?>a) (a)\1 \Z (? a(b)) (?#x)
    """.split(),
)  # fmt: skip
MATCHERS = r"""
job=~".*vllm.*"
job="a"
job="a",env!="b"
a="x" , b=~"y|z"
job=~"a\\.b"
job!~"(a|b)"
a=""
a="\""
job=~"("
job=~"a++"
job=~"(?=x)"
job=~"a\.b"
job='a'
job=a
job
a="b"c="d"
{a="b"}
="a"
1a="b"
a="b
a=~"["
a==="b"
a-b="c"
a="b",
""".strip().splitlines()


def _seen(function: str, texts: Sequence[str]) -> list[str | None]:
    code = f"local p = import 'patterns.libsonnet'; [p.{function}(text) for text in {json.dumps(list(texts))}]"
    return list(json.loads(_gojsonnet.evaluate_snippet(str(MIXIN / "lib/test.jsonnet"), code)))


def test_what_re2_refuses_the_mixin_refuses() -> None:
    """And takes what RE2 takes, over expressions of each kind."""
    for text, said in zip(EXPRESSIONS, _seen("regex", EXPRESSIONS), strict=True):
        assert (regex_problem(text) is None) == (said is None), (text, said, regex_problem(text))


def test_what_promql_refuses_of_matchers_the_mixin_refuses() -> None:
    """As settings of a build are judged."""
    for text, said in zip(MATCHERS, _seen("matchers", MATCHERS), strict=True):
        try:
            matchers(text)
        except SelectorError:
            assert said is not None, text
        else:
            assert said is None, (text, said)


@pytest.mark.parametrize(
    ("config", "says"),
    [
        (
            {"target_selector": 'job=~"("'},
            "target_selector: has no regular expression that Prometheus takes: a ( without",
        ),
        (
            {"models": [{"match": "a++", "thresholds": {}}]},
            "models.0.match: Prometheus takes no such regular expression",
        ),
    ],
)
def test_a_selector_that_breaks_every_rule_is_an_error(config: dict[str, Any], says: str) -> None:
    """Before a rule is made of it."""
    with pytest.raises(RuntimeError, match=re.escape(says)):
        _evaluated(config)
