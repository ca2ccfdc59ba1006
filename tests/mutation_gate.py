"""Breaks the code on purpose, one small change at a time, and fails where no test notices: run as a script.

Each mutant is a copy of the project with one text replaced; its tests run against the copy. Survivors are listed.
"""

from __future__ import annotations

import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "generator/vllm_observability"
CHART = "render/templates/helm/vllm-observability/templates"
AGREE = ("test_readers_agree.py",)
PROMQL = ("test_promql.py", "test_evaluate.py")


SCENARIO = re.compile(r"test_rules\.py::test_every_scenario_holds\[(.+)\]")
# The same by itself: rules are all that a scenario needs of a build, and nothing is collected.
BUILD_AND_PLAY = """
import sys
from harness.programs import ROOT, prometheus_lines, promtool_test_rules, write_rules
from vllm_observability.build.artefacts import rule_files
from vllm_observability.rules.site import rules_for
from vllm_observability.settings import Settings
write_rules(rule_files(rules_for(Settings())), ROOT / "alerts")
sys.exit(any(promtool_test_rules(ROOT / f"tests/scenarios/{name}.yaml", prometheus_lines()[0]) for name in sys.argv[1:]))
"""


def _scenarios(*names: str) -> tuple[str, ...]:
    """Scenario files, played after a build so that the emitted rules are the mutant's."""
    return tuple(f"test_rules.py::test_every_scenario_holds[{name}]" for name in names)


CASES = ("test_cases.py",)
REPORT = ("test_oddities.py", "test_report.py", "test_evaluate.py", "test_snapshot.py")


@dataclass(frozen=True)
class Mutant:
    """One change: `old`, which must occur in the file, becomes `new`; some of `tests` must fail."""

    what: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    build: bool = False


def _bound(check: str, scenario: str, old: str, new: str, file: str = "checks") -> Mutant:
    return Mutant(f"bound of {check} moved by 20 %", f"catalog/{file}.py", old, new, _scenarios(scenario), build=True)


MUTANTS = (
    Mutant("ratio without divisor guard", "queries/promql.py", 'f"{operand(under)} > 0"', 'f"{operand(under)}"', (*PROMQL, *AGREE)),
    Mutant("old names before new ones", "queries/promql.py", "for name in metric.series(part)", "for name in reversed(metric.series(part))", PROMQL),
    Mutant("newest name only", "queries/promql.py", "for name in metric.series(part)", "for name in metric.series(part)[:1]", (*PROMQL, *AGREE)),
    Mutant("a forgotten old name", "catalog/metrics.py", ', "vllm:gpu_cache_usage_perc 0.4.2 0.10.2 0.11.0"', "", ("test_catalog.py",)),
    Mutant("pid rows counted apart", "queries/promql.py", 'if node.agg != "max":', 'if node.agg == "never":', (*PROMQL, *AGREE)),
    Mutant("KV usage averaged, not the fullest", "catalog/signals.py", 'Level(m.KV_CACHE_USAGE, "max")', 'Level(m.KV_CACHE_USAGE, "avg")', REPORT),
    Mutant("joined outside the sum", "queries/promql.py", 'return aggregate("sum", by, self._chosen(metric, self.grown(function, metric, part, where)))', 'return either([aggregate("sum", by, one) for one in self._over_window(function, metric, part, where)])', (*PROMQL, *AGREE)),
    Mutant("native histograms counted beside classic ones", "queries/promql.py", "found.append(self._not_native(classic, function, metric, others))", "found.append(classic)", ("test_native.py", "test_histogram_forms.py")),
    Mutant("idle native engines kept in a share", "queries/promql.py", ' * {_counted(text)} >= 0', ' * {_counted(text)}', ("test_native.py", "test_histogram_forms.py")),
    Mutant("bounds of native histograms guessed inside buckets", "prometheus/native.py", "if not any(low < bound < high for low, high in spans)", "if spans", ("test_histogram_forms.py",)),
    Mutant("bucket bound in one spelling only", "model.py", 'f"{pattern}|{pattern}\\\\.0"', 'f"{pattern}"', PROMQL),
    Mutant("NaN quantiles kept", "queries/promql.py", '") >= 0"', '")"', (*PROMQL, *AGREE)),
    Mutant("filtered growth empty instead of 0", "queries/promql.py", 'return either([rates, "0 * " + self.rates(node.metric, node.part)])', "return rates", (*PROMQL, *AGREE)),
    Mutant("prefix ignored", "queries/promql.py", "prefix + name.removeprefix(VLLM) + inside", "name + inside", ("test_promql.py", "test_settings.py")),
    Mutant("selector not used for foreign metrics", "queries/promql.py", "if metric.owner is not Owner.ENGINE and self.foreign:", "if False:", PROMQL),
    Mutant("values that mean off are kept", "queries/promql.py", "if node.at_least is not None:", "if False:", (*PROMQL, *AGREE)),
    Mutant("uncommon bucket bounds kept in rules", "queries/promql.py", "or not self.common_bounds:", "or True:", (*PROMQL, "test_sites.py"), build=True),
    Mutant("uncommon bucket bounds kept in numbers", "pages/evaluate.py", "if not engines or len(rows[bound]) == engines", "if True", (*PROMQL, "test_readers_agree_random.py")),
    Mutant("share over engines without the bound", "pages/evaluate.py", "and _without_le(labels) in having", "", (*PROMQL, "test_readers_agree_random.py")),
    Mutant("quantile forgets what lies below", "pages/evaluate.py", "below = counts[index - 1] if index else 0.0", "below = 0.0", (*PROMQL, *AGREE)),
    Mutant("quantile starts at the bucket's end", "pages/evaluate.py", "start = self.bounds[index - 1] if index else 0.0", "start = self.bounds[index] if index else 0.0", (*PROMQL, *AGREE)),
    Mutant("restarts not noticed", "pages/evaluate.py", "restarted=earlier is not None and _restarted(earlier, later)", "restarted=False", REPORT),
    Mutant("a ratio over 0", "pages/evaluate.py", "if g in under and under[g].number > 0}", "if g in under and under[g].number != 0.5}", REPORT),
    Mutant("a rate without a known time", "pages/evaluate.py", "if not seconds or self.window.restarted:", "if self.window.restarted:", REPORT),
    Mutant("empty labels group", "pages/evaluate.py", "if pair[0] in self.by and pair[1])", "if pair[0] in self.by)", ("test_evaluate.py",)),
    Mutant("the oldest name wins on a page", "pages/snapshot.py", "if held is None or rank < held:", "if held is None or rank > held:", REPORT),
    Mutant("pid rows overwrite each other", "pages/snapshot.py", "rows[labels] = max(rows[labels], sample.value)", "rows[labels] = min(rows[labels], sample.value)", REPORT),
    Mutant("impossible values kept", "pages/snapshot.py", "if not plausible(sample.value, metric):", "if False:", REPORT),
    Mutant("traffic floor dropped from alerts", "rules/alerts.py", "    for condition in bound.when:\n", "    for condition in ():\n", _scenarios("latency"), build=True),
    Mutant("holds dropped from alerts", "rules/alerts.py", "        hold=planned.settings.hold(check, bound),\n", "", _scenarios("cache"), build=True),
    Mutant("comparison turned round", "rules/alerts.py", 'f"{operand(expr)}\\n{check.op} on', "f\"{operand(expr)}\\n{'<' if check.op == '>' else '>'} on", _scenarios("cache"), build=True),
    Mutant("overrides per model ignored", "rules/recording.py", "for override in settings.models:", "for override in ():", ("test_sites.py",), build=True),
    Mutant("bad share is good share", "rules/budgets.py", 'Rule(f"1 - {operand(guarded(good, total))}"', 'Rule(f"{operand(guarded(good, total))}"', ("test_sites.py",), build=True),
    Mutant("one burn window only", "rules/budgets.py", "dict.fromkeys((bad_name(budget, burn.long), _lately(bad_name(budget, burn.short), burn)))", "dict.fromkeys((bad_name(budget, burn.long),))", _scenarios("slo-errors"), build=True),
    Mutant("burn factor without the period", "catalog/slo.py", "self.share * PERIOD_DAYS * 24 / self.hours", "self.share * PERIOD_DAYS / self.hours", _scenarios("slo-errors"), build=True),
    Mutant("stall without two scrapes", "catalog/fleet_signals.py", "({seen}) >= 2", "({seen}) >= 0", _scenarios("presence"), build=True),
    Mutant("outlier without a floor", "catalog/fleet_signals.py", "{{rate_seconds}} >= {least}", "{{rate_seconds}} >= 0", _scenarios("one-by-one"), build=True),
    Mutant("prefix cache judged by a few prompts", "catalog/fleet_signals.py", "* 3600 >= 50000", "* 3600 >= 0", _scenarios("fleet"), build=True),
    Mutant("an idle model scaled to zero pages", "catalog/fleet_signals.py", "[12h:1m]) > 0", "[12h:1m]) >= 0", _scenarios("presence"), build=True),
    Mutant("what is over pages", "rules/alerts.py", "if check.still:", "if False:", _scenarios("few-and-diluted"), build=True),
    Mutant("few requests by any failure", "catalog/failure_signals.py", ">= 9.5)", ">= 0.1)", _scenarios("few-and-diluted"), build=True),
    Mutant("probes dilute failures", "catalog/signals.py", 'where=(INFERENCE, ("status", "=~", "2..|5.."))', 'where=(("status", "=~", "2..|5.."),)', _scenarios("few-and-diluted"), build=True),
    Mutant("a server that was never up pages", "catalog/memory_signals.py", "[1h:1m])) == 1", "[1h:1m])) >= 0", _scenarios("comes-and-goes"), build=True),
    Mutant("a switch of jobs is an outage", "catalog/fleet_signals.py", "> 0\\nunless on ({place_model})", "> 0\\nunless on ({model})", _scenarios("comes-and-goes"), build=True),
    Mutant("the last user's gauge is a stall", "catalog/fleet_signals.py", "{running} > 1\\n", "{running} > 0\\n", _scenarios("one-by-one"), build=True),
    Mutant("a long prompt is a stall", "catalog/fleet_signals.py", "({blocks}) > 0", "({blocks}) > 999", _scenarios("one-by-one"), build=True),
    Mutant("a young model's budget is that of the whole window", "rules/budgets.py", "if burn.hours > 1:", "if False:", _scenarios("one-by-one"), build=True),
    Mutant("gauges of two replicas add up", "queries/promql.py", "if not self.one_by:", "if True:", ("test_sites.py",)),
    Mutant("another engine's queue counts", "rules/alerts.py", 'level = check.level if check.level in condition.signal.levels else "model"', 'level = "model"', _scenarios("one-by-one"), build=True),
    Mutant("prefill and decode are compared", "catalog/fleet_signals.py", "({first} > 0)) >= 10", "({first} > 0)) >= 1e9", _scenarios("one-by-one"), build=True),
    Mutant("a retired rank is compared", "catalog/fleet_signals.py", "[1h:5m]) >= 11)", "[1h:5m]) >= 1100)", _scenarios("one-by-one"), build=True),
    Mutant("throughput lost on a ramp", "catalog/signals.py", "{tokens} > 1.25 * {tokens}", "{tokens} > 1e9 * {tokens}", _scenarios("load"), build=True),
    Mutant("a page for a burst that is over", "rules/budgets.py", "if burn.pages:", "if False:", _scenarios("slo-ttft"), build=True),
    Mutant("clean minutes by one event", "catalog/slo.py", "CLEAN_EVENTS = 20", "CLEAN_EVENTS = 2_000", _scenarios("slo-ttft"), build=True),
    Mutant("slow API servers not seen", "catalog/signals.py", "((2.5, 0.3, 0.5), (7.5, 2.0, 1.5))", "((7.5, 2.0, 1.5),)", _scenarios("latency"), build=True),
    Mutant("slow API servers not seen beside longer prompts", "catalog/signals.py", "((2.5, 0.3, 0.5), (7.5, 2.0, 1.5))", "((2.5, 0.3, 0.5),)", _scenarios("latency"), build=True),
    Mutant("work explains no late start", "queries/promql.py", "{waits}\\n+\\n{works}\\n-\\n{starts}\\n- 1", "{waits}\\n-\\n{starts}", PROMQL),
    Mutant("work explains no late start on pages", "pages/evaluate.py", "waits[g] + works[g] - starts[g] - 1", "waits[g] - starts[g]", PROMQL),
    Mutant("a server of minutes was never up", "catalog/memory_signals.py", "[1h:1m]", "[1h:5m]", _scenarios("comes-and-goes"), build=True),
    Mutant("burn floor dropped", "catalog/slo.py", "FLOOR_EVENTS = 100", "FLOOR_EVENTS = 0", _scenarios("slo-errors"), build=True),
    Mutant("what a Prometheus answers left out", "report/judging.py", "return (of_pages, OfPrometheus(window.asked, settings.model_labels)) if window.asked else (of_pages,)", "return (of_pages,)", ("test_prometheus_checks.py",)),
    Mutant("the report judges by the catalogue's bounds", "report/judging.py", "settings.bound_for(check, bound, name)", "bound.value", ("test_odd_settings.py",)),
    Mutant("the report judges every model by the bounds for all", "report/judging.py", "settings.bound_for(check, bound, name)", "settings.bound(check, bound)", ("test_odd_settings.py",)),
    Mutant("the report says the catalogue's holds", "report/judging.py", "seconds(settings.hold(row.check, bound))", "seconds(bound.hold)", ("test_odd_settings.py",)),
    Mutant("pictures draw the catalogue's bounds", "report/records.py", "for severity, number in j.limits if number is not None", "for severity, number in ((b.severity, b.value) for b in j.check.bounds) if number is not None", ("test_odd_settings.py",)),
    Mutant("pictures draw another model's bounds", "report/records.py", "if j.signal is of.signal and j.model == model", "if j.signal is of.signal", ("test_odd_settings.py",)),
    Mutant("advice repeats the catalogue's bound", "report/advising.py", "bound=Quantity(fullest.limit or 0.0,", "bound=Quantity(fullest.check.bounds[0].value or 0.0,", ("test_odd_settings.py",)),
    Mutant("a reason passes for the site's own", "settings/reasons.py", "if settings.bound(check, bound) == bound.value and", "if True or", ("test_odd_settings.py",)),
    Mutant("chosen series ignored by checks", "prometheus/checks.py", "matchers=self.chosen,", "matchers=(),", ("test_prometheus_checks.py",)),
    Mutant("recorded rates added up without their step", "prometheus/summed.py", "_samples(wanted, rows, step, planned.settings)", "_samples(wanted, rows, 1, planned.settings)", ("test_prometheus_checks.py",)),
    Mutant("an engine of several stalls unseen", "report/page_answers.py", "running, waiting = (evaluate(signal.expr, window, ENGINE) for signal in (s.RUNNING, s.WAITING))\n    moved", "running, waiting = (evaluate(signal.expr, window, MODEL) for signal in (s.RUNNING, s.WAITING))\n    moved", CASES),
    Mutant("a sleeper stalls", "report/page_answers.py", "and group not in asleep and moved", "and moved", CASES),
    Mutant("a KV cache that moves is no progress", "report/page_answers.py", "total[group] += abs(", "total[group] += 0 * abs(", CASES),
    Mutant("an old gauge is a stall", "report/page_answers.py", "found[group] = Still(r, w, w > 0 or alone)", "found[group] = Still(r, w, True)", CASES),
    Mutant("failures of long ago alarm", "report/judging.py", 'bound.severity if told.sure else "info"', "bound.severity", CASES),
    Mutant("what is not judged goes unsaid", "report/judging.py", "found.setdefault(why, []).append(alert)", "pass", CASES),
    Mutant("an embedding model has token gaps", "report/applying.py", "return row.id not in _OF_TOKENS or", "return True or", CASES),
    Mutant("rows of an unknown label are merged", "pages/snapshot.py", "if values <= MOST_PARTS", "if values < 0", CASES),
    Mutant("conditions forget the part", "report/judging.py", "clause(condition.signal, self.window).get(whole)", "clause(condition.signal, self.window).get(tuple(p for p in whole if p[0] == 'model_name'))", CASES),
    Mutant("a site's prefix is not read on pages", "pages/snapshot.py", "prefixes = candidates(own)", "prefixes = candidates(())", ("test_prefixes.py",)),
    Mutant("advice forgets the state", "report/findings.py", "remedy(row, states.of(row.group)) if bad", "remedy(row, type(states.of(()))()) if bad", CASES),
    Mutant("any longest step is a budget", "report/limits.py", "AT_THE_EDGE = 0.9", "AT_THE_EDGE = 0.0", ("test_limits.py",)),
    Mutant("numbers pass for no names", "pages/redact.py", "if not value or (label in _PUBLIC", "if value[:1].isdigit() or not value or (label in _PUBLIC", ("test_redact.py",)),
    Mutant("a label's words are anybody's", "pages/redact.py", "label in _PUBLIC and _PUBLIC[label].fullmatch(value)", "label in _PUBLIC", ("test_redact.py",)),
    Mutant("half a compressed answer passes", "pages/fetch.py", "if unpack and not unpack.whole:", "if False:", ("test_answers.py",)),
    Mutant("no question is posted", "prometheus/api.py", "if not self.talk.posts:", "if True:", ("test_answers.py",)),
    Mutant("questions have no end", "prometheus/api.py", "WHOLE = 12", "WHOLE = 12_000", ("test_answers.py",)),
    Mutant("characters that no one sees pass", "words/phrases.py", "\\U000e0000-\\U000e0fff", "", ("test_hostile.py",)),
    Mutant("mixin: of two models' bounds the last counts", "render/mixin/library/lib/choices.libsonnet", "for model in config.models", "for model in std.reverse(config.models)", ("test_mixin.py::test_choices_give_what_a_build_with_them_gives[models]",), build=True),
    Mutant("boards: budgets that nobody promised stay", "boards/panel_words.py", "if not objectives_of(budget, settings)", "if not budget", ("test_panels.py",)),
    Mutant("boards: a check that counts downwards shows the best", "boards/forms.py", 'chart.check.op == "<" else "max"', 'chart.check.op == ">" else "max"', ("test_panels.py",)),
    Mutant("boards: recorded rates over raw ones", "boards/forms.py", '== {"recorded", "raw"}', '== {"neither"}', ("test_misleading.py",), True),
    Mutant("boards: a panel ignores a choice and does not say so", "boards/panels.py", 'return ", all models"', 'return ""', ("test_misleading.py",), True),
    Mutant("boards: the data source says how rare scrapes are", "boards/panels.py", "every=form.settings.scrape_interval", 'every=""', ("test_misleading.py",), True),
    Mutant("boards: a row of what every server has hides", "boards/presence.py", "if not _optional(charts[0])", "if not charts", ("test_schema_v2.py",)),
    Mutant("boards: a row of a feature stands because engines are up", "boards/presence.py", "if name in told or _recorded(name)", "", ("test_schema_v2.py",)),
    Mutant("boards: v2 asks another question", "render/grafana/schema_v2.py", '("datasource", "hide", "refId")', '("datasource", "hide", "refId", "interval")', ("test_schema_v2.py",)),
    Mutant("boards: alerts lead to the raw form whatever is loaded", "rules/alerts.py", "boards.uid(settings.landing(alert).slug, settings.boards)", "boards.uid(settings.landing(alert).slug)", ("test_misleading.py",)),
    Mutant("mixin: boards keep the default bound", "render/mixin/library/lib/choices.libsonnet", "+ std.get(config.thresholds, check, {})", "+ {}", ("test_mixin.py::test_a_bound_changes_its_rule_and_its_panels_only",), build=True),
    Mutant("mixin: a typo is a silent default", "render/mixin/library/lib/problems.libsonnet", "unknown('_config', std.objectFieldsAll(config), std.objectFieldsAll(defaults))", "[]", ("test_mixin.py::test_a_choice_that_makes_no_sense_is_an_error_with_its_place",), build=True),
    Mutant("mixin: a stand-in left in", "render/mixin/mixin.py", "found[_marked(label)] = ", "found[label] = ", ("test_mixin.py::test_with_defaults_it_is_what_a_build_emits",), build=True),
    Mutant("chart: the bound for all before a model's own", f"{CHART}/_helpers.tpl.j2", "append $branches $rule.expr", "prepend $branches $rule.expr", ("test_helm_values.py",), build=True),
    Mutant("chart: a warning past the critical bound", f"{CHART}/_helpers.tpl.j2", "if not $fine", "if false", ("test_helm_values.py",), build=True),
    Mutant("chart: an objective put on thresholds", f"{CHART}/_helpers.tpl.j2", 'hasSuffix ":objective"', 'hasSuffix ":objectives"', ("test_helm_values.py",), build=True),
    Mutant("chart: the job left to the operator", f"{CHART}/monitors.yaml.j2", "$root.Values.scrape $which", "(set $root.Values.scrape \"job\" \"\") $which", ("test_helm.py",), build=True),
    Mutant("chart: VictoriaMetrics gets the other operator's words", f"{CHART}/_helpers.tpl.j2", 'ternary "relabelConfigs" "relabelings" $victoria', '"relabelings"', ("test_helm.py",), build=True),
    Mutant("chart: KEDA without an answer", f"{CHART}/scaledobject.yaml.j2", '"%s or vector(%v)" $trigger.query $trigger.threshold', '"%s" $trigger.query', ("test_helm.py",), build=True),
    Mutant("chart: boards end without their last line", f"{CHART}/dashboards.yaml", '$path | trimSuffix "\\n"', '$path | trimSuffix "}\\n"', ("test_helm.py",), build=True),
    Mutant("chart: names cut without a hash", f"{CHART}/_helpers.tpl.j2", "(sha256sum . | trunc 8)", '"x"', ("test_helm.py::test_two_releases_share_no_name",), build=True),
    Mutant("chart: any scrape interval", f"{CHART}/_helpers.tpl.j2", "if gt $interval [[ scrape_seconds ]]", "if gt $interval 1e9", ("test_helm_values.py",), build=True),
    Mutant("rule groups of any size", "rules/groups.py", "MOST_RULES = 20", "MOST_RULES = 200", ("test_rules.py::test_no_group_has_more_rules_than_stores_take",)),
    Mutant("rules that read each other apart", "rules/groups.py", "(own, *_SERIES.findall(rule.expr))", "(own,)", ("test_rules.py::test_rules_that_read_each_other_stay_in_one_group",)),
    Mutant("edits replaced without a copy", "build/files.py", "if held is not None and _digest(held) not in before.get(name, ()):", "if False:", ("test_build_files.py",)),
    Mutant("edited leftovers removed", "build/files.py", "name not in files and _untouched(root, name, written)", "name not in files and (root / name).exists()", ("test_build_files.py",)),
    Mutant("links followed", "build/files.py", "if place.is_symlink():", "if False:", ("test_build_files.py",)),
    Mutant("one backslash in a selector", "settings/selectors.py", 'long or "110000"', 'long or "41"', ("test_settings.py",)),
    Mutant("a reader forgotten: why requests wait", "catalog/signals.py", "    WAITING_DEFERRED, STEPS, STEP_TOKENS,", "    STEPS, STEP_TOKENS,", ("test_reads.py",)),
    Mutant("a reader forgotten: functions over a range", "model.py", "*node.series, *node.overs)", "*node.series)", ("test_walk.py",)),
    Mutant("a reader forgotten: panels", "queries/reads.py", 'yield Use("panel", place, expr)', "pass", ("test_reads.py",)),
    Mutant("a reader forgotten: runbooks", "queries/reads.py", 'yield Use("runbook", book.alert, step.query.expr)', "pass", ("test_reads.py",)),
    Mutant("series dropped that are read", "queries/unread.py", "if name not in read and", "if", ("test_doctor.py",)),
    _bound("KV usage", "cache", '"warning", 0.80,', '"warning", 0.96,'), _bound("KV usage, down", "cache", '"warning", 0.80,', '"warning", 0.64,'),
    _bound("late starts", "latency", 'SOME_LATE = Condition(s.LATE_STARTS, ">=", 0.10', 'SOME_LATE = Condition(s.LATE_STARTS, ">=", 0.08'),
    _bound("late starts, critical", "latency", 'MANY_LATE = Condition(s.LATE_STARTS, ">=", 0.20', 'MANY_LATE = Condition(s.LATE_STARTS, ">=", 0.16'),
    _bound("slow answers", "latency", 'SOME_SLOW = Condition(s.SLOW_ANSWERS, ">=", 0.10', 'SOME_SLOW = Condition(s.SLOW_ANSWERS, ">=", 0.08'),
    _bound("minutes lost", "slo-ttft", 'Burn(0.0035, "1h", "1h"', 'Burn(0.0028, "1h", "1h"', "slo"),
    Mutant("the work explains nothing", "queries/promql.py", "math.inf if work is None else work)", "math.inf)", (*PROMQL, *AGREE)),
    Mutant("the work explains nothing, on a page", "pages/evaluate.py", "works[g][math.inf if work is None else work]", "works[g][math.inf]", (*PROMQL, *AGREE)),
    Mutant("a bad start is carried on as a bad hour", "rules/budgets.py", 'spent_of_all = f"{bad_name(budget, burn.long)} * {filled}"', 'spent_of_all = bad_name(budget, burn.long)', _scenarios("slo-itl"), build=True),
    Mutant("pauses between bursts of errors end the hold", "rules/budgets.py", "if burn.bridges else share", "if False else share", _scenarios("slo-errors"), build=True),
    Mutant("no token at all is a slower token", "catalog/signals.py", 'f"({{speed}} > 0) / ', 'f"({{speed}} >= 0) / ', _scenarios("one-by-one"), build=True),
    Mutant("a silence is told for a quarter of an hour", "catalog/failure_signals.py", 'for offset in ("30m", "2h")', 'for offset in ("30m",)', _scenarios("work-vanishes"), build=True),
    Mutant("half an hour before is a busy hour", "catalog/failure_signals.py", "offset {offset}) >= 12", "offset {offset}) >= 1", _scenarios("work-vanishes"), build=True),
    Mutant("a scaler's pods are lost ones", "catalog/fleet_signals.py", "[6h:5m]) > 0 unless", "[6h:5m]) >= 0 unless", _scenarios("comes-and-goes"), build=True),
    Mutant("a lost bucket grew from 0", "intervals/growth.py", "if bound in before or not before", "", ("test_growth.py",)),
    Mutant("a server that is scraped later did all its work since", "prometheus/reading.py", "answers[1] = [*answers[1], *first]", "pass", ("test_prometheus.py",)),
    Mutant("a warning that comes and goes with bursts", "rules/budgets.py", "if burn.keeps:", "if False:", _scenarios("slo-ttft"), build=True),
    Mutant("the work asked of a site's own seconds", "settings/site.py", "return chosen != bound.value", "return False", ("test_settings.py",)),
    Mutant("proposals without room", "objectives/propose.py", "burned(steps, kind, bound, TARGET, ROOM)", "burned(steps, kind, bound, TARGET)", ("test_objectives.py",)),
    Mutant("recorded requests at random", "simulate/fleet.py", "if load == min(loads)", "", ("test_trace.py",)),
    _bound("TTFT", "latency", 'Bound("warning", 1.0, "10m", "a second is where', 'Bound("warning", 0.8, "10m", "a second is where'),
    _bound("TTFT, critical", "latency", '"critical", 2.5, "10m"', '"critical", 6.0, "10m"'),
    _bound("ITL", "latency", 'Bound("warning", 0.1, "10m", "people read', 'Bound("warning", 0.08, "10m", "people read'),
    _bound("waiting", "load", '"warning", 10, "5m"', '"warning", 8, "5m"'), _bound("waiting, critical", "load", '"critical", 50, "5m"', '"critical", 61, "5m"'),
    _bound("errors", "requests", 'Bound("warning", 0.01, "5m", "a healthy', 'Bound("warning", 0.008, "5m", "a healthy'),
    _bound("truncation", "requests", 'Bound("info", 0.30, "30m", "some clients', 'Bound("info", 0.24, "30m", "some clients'),
    _bound("queue drain", "fleet", '"warning", 30, "5m"', '"warning", 24, "5m"', "fleet_checks"),
    _bound("queue drain, critical", "fleet", '"critical", 120, "5m"', '"critical", 144, "5m"', "fleet_checks"),
    _bound("scrape duration", "presence", 'Bound("warning", 0.5, "10m", "a scrape', 'Bound("warning", 0.4, "10m", "a scrape', "fleet_checks"),
)  # fmt: skip

# What must survive: otherwise whatever fails everywhere would pass as a test that noticed.
UNCHANGED = Mutant("nothing", "model.py", "frozen", "frozen", _scenarios("cache"), build=True)


def _survives(mutant: Mutant) -> str | None:
    """None where a test noticed; else why the mutant stands."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        copy = Path(name)
        for folder in ("generator", "tools", "tests", "alerts", "dashboards", "deploy", "examples"):
            shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        for file in ("pyproject.toml", "README.md", "CONTRIBUTING.md", "Makefile"):
            shutil.copy(ROOT / file, copy / file)
        (copy / ".tools").symlink_to(ROOT / ".tools")
        path = copy / PACKAGE / mutant.file
        text = path.read_text()
        if mutant.old not in text:
            return "its text is no longer in the file: adapt the row"
        path.write_text(text.replace(mutant.old, mutant.new, 1))
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(copy / "generator"), str(copy / "tools"))),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        scenarios = [found[1] for test in mutant.tests if (found := SCENARIO.fullmatch(test))]
        if len(scenarios) == len(mutant.tests):
            play = [sys.executable, "-c", BUILD_AND_PLAY, *scenarios]
            done = subprocess.run(play, env=environment, capture_output=True, cwd=copy, check=False)
            return None if done.returncode else "no scenario failed"
        if mutant.build:
            build = [sys.executable, "-m", "vllm_observability", "build", "--out", str(copy)]
            if subprocess.run(build, env=environment, capture_output=True, cwd=copy, check=False).returncode:
                return None
        tests = [f"tests/{test}" for test in mutant.tests]
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=copy, check=False)
        if done.returncode == 1:
            return None
        return (
            "no test failed" if done.returncode == 0 else f"pytest ended with {done.returncode}: {done.stdout[-300:]}"
        )


def main() -> int:
    """Exit 1 where a mutant survives. Words on the command line choose mutants by what they do."""
    words = sys.argv[1:]
    chosen = [m for m in MUTANTS if not words or any(word in m.what for word in words)]
    if _survives(UNCHANGED) is None:
        sys.stdout.write("a scenario fails where nothing is changed: no mutant would prove anything\n")
        return 1
    survivors = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for mutant, why in zip(chosen, pool.map(_survives, chosen), strict=True):
            survivors += why is not None
            sys.stdout.write(f"{'SURVIVES' if why else 'killed  '}  {mutant.what}{f': {why}' if why else ''}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{len(chosen)} mutants, {survivors} survive\n")
    return survivors > 0 or not chosen


if __name__ == "__main__":
    sys.exit(main())
