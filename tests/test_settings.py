"""Settings: read from three formats, refused in plain words, and obeyed everywhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import promql_parser
import pytest
import yaml

from harness.programs import prometheus_lines, promtool_check_rules
from vllm_observability.build.artefacts import artefacts, rule_files
from vllm_observability.build.queries import problem
from vllm_observability.catalog import checks
from vllm_observability.model import Check, Severity
from vllm_observability.pages.scrape import Limits
from vllm_observability.queries.recorded import plan
from vllm_observability.rules.alerts import alert_groups
from vllm_observability.rules.budgets import slo_alert_groups
from vllm_observability.rules.site import rules_for
from vllm_observability.settings import ModelSettings, Settings, SettingsError, load, parse
from vllm_observability.settings.durations import seconds

CHOICES = {
    "metric_prefixes": ["ray_vllm_", "vllm:"],
    "scope_labels": ["region"],
    "rate_window": "3m",
    "thresholds": {"ttft": {"warning": 0.5}},
    "models": [{"match": "acme/.*", "thresholds": {"ttft": {"warning": 0.25, "critical": 0.75}}}],
    "limits": {"series": 1234},
}
EXPECTED = Settings(
    metric_prefixes=("ray_vllm_", "vllm:"),
    scope_labels=("region",),
    rate_window="3m",
    thresholds={"ttft": {"warning": 0.5}},
    models=(ModelSettings("acme/.*", {"ttft": {"warning": 0.25, "critical": 0.75}}),),
    limits=Limits(series=1234),
)


def _bound(settings: Settings, check: Check, severity: Severity, model: str | None = None) -> float:
    bound = next(bound for bound in check.bounds if bound.severity == severity)
    return settings.bound(check, bound) if model is None else settings.bound_for(check, bound, model)


# --------------------------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("site.yaml", yaml.safe_dump(CHOICES)),
        ("site.json", json.dumps(CHOICES)),
        ("site.jsonnet", "local minutes(n) = n + 'm';\n" + json.dumps(CHOICES).replace('"3m"', "minutes(3)")),
    ],
)
def test_three_formats_read_alike(tmp_path: Path, name: str, text: str) -> None:
    """YAML, JSON and Jsonnet with the same choices give the same settings."""
    path = tmp_path / name
    path.write_text(text)
    assert EXPECTED == load(path)


def test_jsonnet_may_import_a_file_beside_it(tmp_path: Path) -> None:
    """A fleet keeps what its sites share in one file."""
    (tmp_path / "base.libsonnet").write_text("{ rate_window: '4m', scope_labels: ['job'] }")
    (tmp_path / "site.jsonnet").write_text("(import 'base.libsonnet') + { scope_labels: ['region'] }")
    assert Settings(rate_window="4m", scope_labels=("region",)) == load(tmp_path / "site.jsonnet")


@pytest.mark.parametrize("text", ["", "# only a remark\n", "{}"])
def test_nothing_chosen_is_the_defaults(tmp_path: Path, text: str) -> None:
    """An empty file is no mistake."""
    (tmp_path / "site.yaml").write_text(text)
    assert Settings() == load(tmp_path / "site.yaml")


def test_defaults_pass_their_own_checks() -> None:
    """What nobody chose must not be refused once somebody writes it down."""
    assert Settings() == parse({"rate_window": "5m", "scrape_interval": "15s", "target_selector": 'job=~".*vllm.*"'})


def test_an_empty_target_selector_is_a_choice() -> None:
    """A Prometheus that scrapes nothing but vLLM needs none."""
    assert "" == parse({"target_selector": ""}).target_selector


# ---------------------------------------------------------------------------------------------- refusals

REFUSED = {
    "a key that is none": ("rate_windw: 5m", "rate_windw: no such setting; known here: metric_prefixes, "),
    "a key in limits": ("limits: {byts: 5}", "limits.byts: no such setting; known here: bytes, series, label_bytes"),
    "a key in a model": (
        "models: [{match: a}, {match: b, treshold: {}}]",
        "models.1.treshold: no such setting; known here: match, thresholds",
    ),
    "no match in a model": ("models: [{thresholds: {}}]", "models.0.match: is missing"),
    "words for a duration": ("rate_window: 5 minutes", "rate_window: '5 minutes' is not a Prometheus duration"),
    "no unit": ("scrape_interval: '15'", "scrape_interval: '15' is not a Prometheus duration such as 30s or 5m"),
    "no time": ("evaluation_interval: 0s", "evaluation_interval: '0s' is not a Prometheus duration"),
    "a number for text": ("rate_window: 5", "rate_window: must be text; put it in quotes"),
    "percentiles too seldom": ("histogram_interval: 3m", "histogram_interval: 3m is over 120 s"),
    "rules too seldom": ("evaluation_interval: 10m", "evaluation_interval: 10m is over 120 s"),
    "scrapes too seldom": ("{scrape_interval: 5m, rate_window: 20m}", "scrape_interval: 5m is over 120 s"),
    "a window too short": ("rate_window: 59s", "rate_window: 59s is under four scrape intervals (15s)"),
    "a window too short for its scrapes": (
        "{scrape_interval: 60s, rate_window: 3m}",
        "rate_window: 3m is under four scrape intervals (60s)",
    ),
    "a bound at the last bucket": (
        "thresholds: {ttft: {critical: 2560}}",
        "thresholds.ttft.critical: 2560 can never be exceeded: the last bucket ends at 2560; use less than 2560",
    ),
    "a bound beyond it for a model": (
        "models: [{match: a, thresholds: {itl: {warning: 81}}}]",
        "models.0.thresholds.itl.warning: 81 can never be exceeded: the last bucket ends at 80; use less than 80",
    ),
    "percent for a share": (
        "thresholds: {kv_cache_usage: {warning: 80}}",
        "thresholds.kv_cache_usage.warning: 80 must be under 1: a share goes from 0 to 1, so 80 % is 0.8",
    ),
    "a bound below nought": ("thresholds: {ttft: {warning: -1}}", "ttft.warning: -1 is not a possible threshold"),
    "a bound that is no number": (
        "thresholds: {ttft: {warning: .nan}}",
        "ttft.warning: nan is not a possible threshold",
    ),
    "words for a bound": ("thresholds: {ttft: {warning: soon}}", "thresholds.ttft.warning: must be a number"),
    "a check that is none": ("thresholds: {tfft: {warning: 1}}", "thresholds.tfft: no such check; known: aborts, "),
    "a severity that is none": (
        "thresholds: {ttft: {fatal: 1}}",
        "thresholds.ttft.fatal: must be 'info', 'warning' or 'critical'",
    ),
    "a severity that a check lacks": (
        "thresholds: {aborts: {warning: 0.5}}",
        "thresholds.aborts.warning: this check has no warning threshold",
    ),
    "a broken expression": (
        "models: [{match: 'a(b'}]",
        "models.0.match: 'a(b' is not a regular expression that Prometheus takes (missing ): a(b)",
    ),
    "an expression that looks ahead": ("models: [{match: 'a(?!b).*'}]", "takes (invalid perl operator: (?!)"),
    "an expression that looks back": (r"models: [{match: '(a)\1'}]", r"takes (invalid escape sequence: \1)"),
    "an expression of Python alone": ("models: [{match: 'a++'}]", "takes (bad repetition operator: ++)"),
    "an expression of RE2 in C++ alone": (r"models: [{match: 'a\C'}]", r"takes (it has no \C)"),
    "a group name that old Prometheus lacks": ("models: [{match: '(?<n>a)'}]", "takes (it has no (?<)"),
    "too many repetitions": ("models: [{match: 'a{1001}'}]", "takes (invalid repetition size: {1001})"),
    "a broken expression of an objective": (
        "objectives: [{of: errors, target: 0.9, match: '('}]",
        "objectives.0.match: '(' is not a regular expression that Prometheus takes",
    ),
    "no prefix": ("metric_prefixes: []", "metric_prefixes: at least one is needed, normally vllm:"),
    "a prefix without an end": (
        "metric_prefixes: [vllm]",
        "'vllm' must be a metric-name prefix that ends in ':' or '_'",
    ),
    "a prefix that is none": ("metric_prefixes: ['9vllm:']", "metric_prefixes: '9vllm:' must be a metric-name prefix"),
    "text for a list": ("metric_prefixes: 'vllm:'", "metric_prefixes: must be a list"),
    "a number for a list": ("scope_labels: 5", "scope_labels: must be a list"),
    "a label of the rules": (
        "scope_labels: [job, engine]",
        "scope_labels: 'engine' is used by vLLM, by Prometheus or by the rules themselves",
    ),
    "a label that is none": ("scope_labels: [my-label]", "scope_labels: 'my-label' is not a label name"),
    "a link that runs something": (
        "runbook_url: 'javascript:alert({alert})'",
        "runbook_url: an address begins with https:// or http://, or is a path; javascript: can't be followed",
    ),
    "a label twice": ("scope_labels: [job, job]", "scope_labels: a label is given twice"),
    "a selector that is none": ("target_selector: 'job=~'", "target_selector: 'job=~' is not of the form label="),
    "a selector with half an expression": (
        """target_selector: 'job=~"("'""",
        "has no regular expression that Prometheus takes at job (missing ): ()",
    ),
    "a selector that looks ahead": (
        """target_selector: 'job=~"a(?=b)"'""",
        "takes at job (invalid perl operator: (?=)",
    ),
    "a selector with one backslash": (
        r"""target_selector: 'job=~"vllm\.a"'""",
        r"has \. in a string, which PromQL doesn't know; write a backslash twice",
    ),
    "a selector with half a character": (r"""target_selector: 'job="\ud800"'""", r"has \ud800 in a string"),
    "a selector with a comma at its end": ("""target_selector: 'job="a",'""", "is not of the form label="),
    "a selector without a comma": ("""target_selector: 'job="a" app="b"'""", "is not of the form label="),
    "a selector with braces": ("target_selector: '{job=\"a\"}'", "is not of the form label="),
    "a field that is none": ("runbook_url: 'https://x/{name}'", "runbook_url: {alert} is all that is filled in"),
    "a field with a width": ("runbook_url: 'https://x/{alert:>999999}'", "{alert} is all that is filled in, as it is"),
    "a field that is converted": ("dashboard_url: 'https://x/{board!r}'", "{board} is all that is filled in, as it is"),
    "an attribute of a field": ("dashboard_url: 'https://x/{board.x}'", "{board} is all that is filled in, as it is"),
    "a template that is none": ("runbook_url: 'https://x/{{{{ nope'", "of templates, only {{ $labels.NAME }}"),
    "an address with a line break": ('runbook_url: "https://x/\\n{alert}"', "an address holds no space, quote"),
    "a fragment": ("dashboard_url: 'https://x/{board}#top'", "can't hold #, because the model is added behind it"),
    "percentiles more often than the rest": ("histogram_interval: 10s", "histogram_interval: 10s is under evaluation"),
    "a label that scraping drops": ("scope_labels: [__zone]", "'__zone' is used by vLLM, by Prometheus"),
    "a label that PromQL reads as a number": ("scope_labels: [Inf]", "scope_labels: 'Inf' is a number to PromQL"),
    "a bucket without end": ("buckets: {time_to_first_token_seconds: [1, .inf]}", "must be a rising list of numbers"),
    "an open brace": ("dashboard_url: 'https://x/{'", "dashboard_url: {board} is all that is filled in"),
    "a price below nought": ("price_per_engine_hour: -1", "price_per_engine_hour: must be 0 or more"),
    "a price of a model that is none": (
        "models: [{match: a, price_per_engine_hour: .inf}]",
        "models.0.price_per_engine_hour: must be 0 or more",
    ),
    "a limit of nought": ("limits: {bytes: 0}", "limits.bytes: must be at least 1"),
    "words for a limit": ("limits: {bytes: many}", "limits.bytes: must be a whole number"),
    "nothing for a mapping": ("thresholds:", "thresholds: must be a mapping"),
    "a list": ("- rate_window", "must be a mapping of settings, not list"),
    "a word": ("hello", "must be a mapping of settings, not str"),
    "YAML that is none": ("scope_labels: [job\nrate_window: 5m", "line 2, column 12: expected ',' or ']', but got ':'"),
    "a tab": ("\trate_window: 5m", "line 1, column 1: found character '\\t' that cannot start any token"),
    "bytes that are no text": ("\x00", "unacceptable character #x0000"),
    "code": ("rate_window: !!python/object/apply:os.getcwd []", "could not determine a constructor for the tag"),
}


@pytest.mark.parametrize(("text", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_a_mistake_is_one_plain_line_that_names_its_place(tmp_path: Path, text: str, expected: str) -> None:
    """File, place and what is wrong, in one line, without the words of a library."""
    path = tmp_path / "site.yaml"
    path.write_text(text)
    with pytest.raises(SettingsError) as refused:
        load(path)
    said = str(refused.value)
    assert said.startswith(f"{path}: ")
    assert expected in said
    assert "\n" not in said
    assert not re.search(r"pydantic|Input should|Traceback|errors\.", said)


ACCEPTED = {
    "letters of any script": {"models": [{"match": r"\pL+/.*"}]},
    "text taken as it is": {"models": [{"match": r"\Qacme/v1.5\E"}]},
    "a selector with letters of any script": {"target_selector": r'job=~"\\pL*vllm.*"'},
    "a selector with escapes": {"target_selector": r'job=~"vllm\\.a",app!="\x41\101\u0041\""'},
    "no selector of the job": {"target_selector": 'app="vllm"'},
    "a name for a group": {"objectives": [{"of": "errors", "target": 0.9, "match": "(?P<maker>acme)/.*"}]},
    "addresses with a query and a template": {
        "dashboard_url": "https://g/d/{board}?orgId=1&var-cluster={{{{ $labels.cluster | urlquery }}}}",
        "runbook_url": "https://w/?page={alert}#top",
    },
    "every label a word of PromQL": {"scope_labels": ["by", "on", "offset", "bool", "start", "atan2", "group_left"]},
    "a prefix in capitals": {"metric_prefixes": ["A:b:"]},
    "a model with quotes and a line break": {
        "models": [{"match": 'a"\\\\\n', "thresholds": {"ttft": {"warning": 0.5}}}]
    },
}


@pytest.mark.parametrize("chosen", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_what_settings_take_prometheus_loads(chosen: dict[str, object], tmp_path: Path) -> None:
    """What is not refused gives files that the oldest supported Prometheus loads, and links that can be followed."""
    files = artefacts(parse(chosen))
    rules = [tmp_path / name.rsplit("/", 1)[1] for name in RULES]
    for path, name in zip(rules, RULES, strict=True):
        path.write_text(files[name])

    assert "" == promtool_check_rules(rules, prometheus_lines()[0])
    links = re.findall(r"_url: (\S.*)", "".join(files[name] for name in RULES))
    assert len(links) > 50
    assert set() == {link for link in links if link.count("?") > 1}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sum by (inf) (up)", "invalid promql query"),
        ('up{job=~"("}', "has no regular expression that Prometheus takes (missing ): ()"),
        (r'up{job=~"a\.b"}', r"has \. in a string"),
        (r'up{job="a\.b"}', "unknown escape sequence '.'"),
        ("rate(up)", "expected type matrix"),
        (r'sum(rate(up{job=~"\\pL\\Qx\\E",m=~"$model_name"}[$__rate_interval]))', None),
        ("up * ${price} > $bound", None),
    ],
)
def test_a_query_is_read_as_prometheus_reads_it(query: str, expected: str | None) -> None:
    """The last look before anything is written: grammar, types, strings and regular expressions."""
    found = problem(query)

    assert (found is None) if expected is None else (found is not None and expected in found), found


def test_no_file_comes_of_settings_that_break_a_query() -> None:
    """Past all checks of single settings, what they give together is looked at, with its place."""
    broken = Settings(target_selector='job=~"("')  # as nobody can write it: `parse` refuses it
    with pytest.raises(SettingsError, match=r"(?s)queries that Prometheus refuses:\nvllm-\w+, .*missing \): \("):
        artefacts(broken)


@pytest.mark.parametrize(
    ("interval", "expected"),
    [("30s", ("2m", "5m", "2m")), ("75s", ("150s", "5m", "150s")), ("2m", ("240s", "5m", "240s"))],
)
def test_a_default_hold_is_two_evaluations_at_least(interval: str, expected: tuple[str, str, str]) -> None:
    """A longer interval makes it longer, and what looks back by itself still has none."""
    settings = parse({"evaluation_interval": interval})
    groups = (*alert_groups(plan(settings)), *slo_alert_groups(plan(settings)))
    rules = {
        (rule.alert, dict(rule.labels)["severity"], dict(rule.labels).get("window")): rule.hold
        for group in groups
        for rule in group.rules
    }

    asked = (
        ("VllmTargetDown", "critical", None),
        ("VllmModelVanished", "critical", None),
        ("VllmErrorBudgetBurn", "critical", "1h"),
    )
    assert expected == tuple(rules[one] for one in asked)
    assert "0m" == rules["VllmRestarting", "warning", None]


def test_a_hold_can_be_chosen() -> None:
    """It is in the rule, and the others keep theirs."""
    chosen = parse({"holds": {"requests_waiting": {"warning": "90s"}}})
    rules = {(r.alert, dict(r.labels)["severity"]): r.hold for group in alert_groups(plan(chosen)) for r in group.rules}
    assert "90s" == rules["VllmRequestsWaiting", "warning"]
    assert "5m" == rules["VllmRequestsWaiting", "critical"]


@pytest.mark.parametrize(
    ("holds", "said"),
    [
        ({"requests_wating": {"warning": "5m"}}, "holds.requests_wating: no such check"),
        ({"requests_waiting": {"info": "5m"}}, "holds.requests_waiting.info: this check has no info threshold"),
        ({"requests_waiting": {"warning": "soon"}}, "'soon' is not a Prometheus duration"),
        ({"requests_waiting": {"warning": "59s"}}, "59s is under two evaluations (30 s each)"),
        ({"ttft": {"warning": "90s"}}, "holds.ttft.warning: 90s is under two evaluations (60 s each)"),
    ],
)
def test_a_hold_that_can_not_be_is_named(holds: dict[str, dict[str, str]], said: str) -> None:
    """With its place."""
    with pytest.raises(SettingsError, match=re.escape(said)):
        parse({"holds": holds})


def test_every_mistake_is_named_at_once() -> None:
    """Three mistakes are three lines: nobody wants to find them one build after another."""
    with pytest.raises(SettingsError) as refused:
        parse({"metric_prefixes": [], "scope_labels": ["pid"], "thresholds": {"nope": {}}}, "site")
    assert ["site: scope_labels", "site: metric_prefixes", "site: thresholds.nope"] == [
        line.rsplit(": ", 1)[0] if line.startswith("site: scope") else ": ".join(line.split(": ")[:2])
        for line in str(refused.value).splitlines()
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ rate_window: '5m' ", "site.jsonnet: STATIC ERROR: "),
        ("{ rate_window: std.extVar('x') }", "site.jsonnet: RUNTIME ERROR: undefined external variable: x"),
        ("local f(n) = f(n + 1) + 1; f(1)", "site.jsonnet: RUNTIME ERROR: max stack frames exceeded."),
        ("[]", "site.jsonnet: must be a mapping of settings, not list"),
        ("{ rate_windw: '5m' }", "site.jsonnet: rate_windw: no such setting; known here: "),
    ],
)
def test_mistakes_in_jsonnet_are_one_line_too(tmp_path: Path, text: str, expected: str) -> None:
    """Syntax, evaluation and shape, without Jsonnet's stack trace."""
    (tmp_path / "site.jsonnet").write_text(text)
    with pytest.raises(SettingsError) as refused:
        load(tmp_path / "site.jsonnet")
    assert expected in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_a_directory_and_no_text(tmp_path: Path) -> None:
    """The file is named, the reason is the system's own words without its number."""
    (tmp_path / "latin.yaml").write_bytes("rate_window: 5m # für".encode("latin-1"))
    for path, reason in (
        (tmp_path / "none.yaml", "No such file or directory"),
        (tmp_path, "Is a directory"),
        (tmp_path / "latin.yaml", "it is not UTF-8 text"),
    ):
        with pytest.raises(SettingsError, match=re.escape(f"{path}: can't be read: {reason}")):
            load(path)


# --------------------------------------------------------------------------------------------- obedience


def test_the_first_override_that_matches_wins() -> None:
    """acme/big is both acme/.* and .*big: the first names its warning, only the second its critical bound."""
    settings = parse(
        {
            "thresholds": {"ttft": {"warning": 0.9}},
            "models": [
                {"match": "acme/.*", "thresholds": {"ttft": {"warning": 0.2}}},
                {"match": ".*big", "thresholds": {"ttft": {"warning": 0.3, "critical": 0.4}}},
            ],
        }
    )
    assert 0.2 == _bound(settings, checks.TTFT, "warning", "acme/big")
    assert 0.4 == _bound(settings, checks.TTFT, "critical", "acme/big")
    assert 0.3 == _bound(settings, checks.TTFT, "warning", "other/big")
    assert 0.9 == _bound(settings, checks.TTFT, "warning", "other/small")
    assert 2.5 == _bound(settings, checks.TTFT, "critical", "other/small")
    assert 0.9 == _bound(settings, checks.TTFT, "warning")


def test_an_override_matches_the_whole_name() -> None:
    """As `=~` in Prometheus: `llama` is not `meta-llama`."""
    settings = parse({"models": [{"match": "llama", "thresholds": {"ttft": {"warning": 0.2}}}]})
    assert 0.2 == _bound(settings, checks.TTFT, "warning", "llama")
    assert 1.0 == _bound(settings, checks.TTFT, "warning", "meta-llama")
    assert 1.0 == _bound(settings, checks.TTFT, "warning", "llama-70b")


ODD = Settings(
    metric_prefixes=("kserve_vllm:",),
    scope_labels=("region", "zone"),
    target_selector='app="inference"',
    scrape_interval="7s",
    evaluation_interval="11s",
    rate_window="13m",
    thresholds={
        check.id: {bound.severity: 0.123 if bound.severity == "warning" else 0.456 for bound in check.bounds}
        for check in checks.ALL
    },
    models=(ModelSettings(r'acme/v1\.5 "b"', {"ttft": {"warning": 0.789}}),),
    runbook_url="https://wiki.acme.test/{alert}",
    dashboard_url="https://graphs.acme.test/{board}",
)
RULES = rule_files(rules_for(ODD))
DEFAULTS = [
    r"(?<!kserve_)vllm:(?!\w+:)",  # vLLM's own prefix
    r"\bcluster\b",
    r"\bnamespace\b",
    r"\bjob\b(?!!~)",  # routers are known by their job
    r"\.\*vllm\.\*",
    r"\[5m\]|rate5m",
    r"(?<!:5m\]\)) \* 300\b",  # five minutes in seconds, but for a subquery's own step
    r"vllm-observability\.example",
    r"grafana\.example",
]


@pytest.mark.parametrize("default", DEFAULTS)
def test_no_default_survives_other_choices(default: str) -> None:
    """Built for another site, the rules hold nothing of the default one: no label, prefix, window, selector or link."""
    assert len(RULES) >= 2
    queries = [line for text in RULES.values() for line in text.splitlines() if not line.startswith("#")]
    assert [] == [line for line in queries if re.search(default, line)]


def test_no_default_bound_survives_other_choices() -> None:
    """Every threshold series holds a chosen number, the override's first."""
    text = RULES["alerts/vllm-recording-rules.yaml"]
    rules = [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]
    thresholds = {
        (rule["record"], rule["labels"]["severity"]): re.findall(r"\) \* ([\d.]+)", rule["expr"])
        for rule in rules
        if rule["record"].endswith(":threshold")
    }
    assert len(thresholds) > 15
    assert ["0.789", "0.123"] == thresholds.pop(("model:vllm_ttft:threshold", "warning"))
    assert {("0.123",), ("0.456",)} == {tuple(numbers) for numbers in thresholds.values()}


def test_rules_of_odd_settings_are_promql() -> None:
    """Every expression parses, also with a model name that holds a dot, a quote and a space."""
    rules = [rule for text in RULES.values() for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]
    assert len(rules) > 50
    for rule in rules:
        promql_parser.parse(rule["expr"])
    assert any(r'model_name=~"acme/v1\\.5 \"b\""' in rule["expr"] for rule in rules)


def test_the_window_is_in_the_names_that_depend_on_it() -> None:
    """A recorded rate says over which window it is, so that two windows can live side by side; its growth is 780 s."""
    text = "".join(RULES.values())
    assert "model:vllm_prompt_tokens:rate13m" in text
    assert "[13m]" in text
    assert "* 780" in text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("site.yaml", "[" * 5000),
        ("site.json", '{"a":' * 5000),
        ("site.jsonnet", "std.foldl(function(held, _) [held], std.range(1, 3000), 1)"),
    ],
)
def test_what_is_nested_too_deeply_is_refused(tmp_path: Path, name: str, text: str) -> None:
    """In one sentence, not by a fault of ours."""
    (tmp_path / name).write_text(text)
    with pytest.raises(SettingsError, match=name):
        load(tmp_path / name)


@pytest.mark.parametrize("text", ["10000000h", "293y", "9" * 400 + "s", "\u0661m"])
def test_no_duration_is_longer_than_prometheus_counts(text: str) -> None:
    """It takes 292 years, and refuses the whole file for more."""
    assert seconds(text) is None
    assert seconds("292y") == 292 * 365 * 86400
    with pytest.raises(SettingsError, match="is not a Prometheus duration"):
        parse({"holds": {"ttft": {"warning": text}}})


def test_a_key_given_twice_is_a_mistake(tmp_path: Path) -> None:
    """Of two values for one setting neither is taken silently; the line says where."""
    path = tmp_path / "site.yaml"
    path.write_text("rate_window: 5m\nscrape_interval: 15s\nrate_window: 10m\n")

    with pytest.raises(SettingsError, match="line 3, column 1: rate_window is given twice"):
        load(path)


def test_a_warning_past_the_critical_bound_is_a_mistake() -> None:
    """A warning at 96 % with the critical bound at 95 % would never be a warning."""
    with pytest.raises(SettingsError, match=r"kv_cache_usage: the warning threshold \(0.96\) must come before"):
        parse({"thresholds": {"kv_cache_usage": {"warning": 0.96}}})


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"scope_labels": ["severity"]}, "'severity' is used by"),
        ({"scope_labels": ["finished_reason"]}, "'finished_reason' is used by"),
        (
            {"objectives": [{"of": "ttft", "target": 0.95, "within": 1}, {"of": "ttft", "target": 0.99, "within": 5}]},
            "objectives.1: is never used",
        ),
    ],
)
def test_what_would_silence_alerts_is_a_mistake(given: dict[str, object], says: str) -> None:
    """Labels that rules put on, an objective that an earlier one hides."""
    with pytest.raises(SettingsError, match=re.escape(says)):
        parse(given)


def test_buckets_that_leave_the_work_without_an_answer_are_refused() -> None:
    """Unless the objective has seconds, or the buckets have the bounds."""
    buckets = {"request_queue_time_seconds": [0.3, 1.0, 10.0]}
    with pytest.raises(SettingsError, match=r"objectives.0.within: .*request_queue_time_seconds lacks 2, 5, 15, 60"):
        parse({"buckets": buckets})
    parse({"buckets": buckets, "objectives": [{"of": "ttft", "target": 0.95, "within": 1.0}]})
    parse({"buckets": {"request_queue_time_seconds": [0.3, 1.0, 2.0, 5.0, 15.0, 60.0]}})


def test_seconds_that_a_site_sets_are_all_that_counts() -> None:
    """The work is asked beside the catalogue's own number only, whoever wrote it: for all models, and for one."""

    def expression(settings: Settings) -> str:
        rules = [rule for group in alert_groups(plan(settings)) for rule in group.rules]
        (found,) = (
            r.expr for r in rules if r.alert == "VllmTimeToFirstTokenHigh" and ("severity", "warning") in r.labels
        )
        return found

    default = expression(Settings())
    assert "late_starts" in default
    assert default.endswith('model:vllm_ttft:threshold{severity="warning"} == 1)')
    bound = checks.TTFT.bounds[0]
    of_all = parse({"thresholds": {"ttft": {"warning": 0.5}}})
    assert (True, False) == (of_all.chose(checks.TTFT, bound), Settings().chose(checks.TTFT, bound))
    of_one = parse({"models": [{"match": "a", "thresholds": {"ttft": {"warning": 0.5}}}]})
    assert default == expression(of_one) == expression(parse({"thresholds": {"ttft": {"warning": 1.0}}}))
    assert "late_starts" not in expression(of_all)
    assert (True, False) == (of_one.chose(checks.TTFT, bound, "a"), of_one.chose(checks.TTFT, bound, "ab"))
