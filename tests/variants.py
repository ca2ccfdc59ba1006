"""The scenarios told again: old names, newest names, another prefix, twins, a restart, a family missing.

Whoever writes a scenario writes it once, in the words of one vLLM. Each retelling here changes something that must not
matter to an alert, and keeps what the author expects; so every alert is tried in all of them, also the next one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from harness.programs import ROOT
from harness.ruletests import LOADER
from vllm_observability.catalog import metrics
from vllm_observability.model import Kind, Owner, Part

SCENARIOS = [path for path in sorted((ROOT / "tests/scenarios").glob("*.yaml")) if path.stem != "rules-forgotten"]
PREFIX = "ray_vllm_"

Series = dict[str, str]  # promtool's two keys: series, values
Test = dict[str, Any]


@dataclass(frozen=True)
class Expected:
    """What somebody wrote down: these alerts, and no others of this name, fire at that time."""

    alert: str
    expr: str
    at: str
    fired: tuple[tuple[tuple[str, str], ...], ...]  # label sets, without the alert's name and state


def expectations(test: Test) -> list[Expected]:
    """Every assertion of a scenario in one form."""
    found = []
    for check in test.get("promql_expr_test", []):
        alert = re.search(r'alertname="(\w+)"', check["expr"])
        assert alert, check
        fired = tuple(_labels(sample["labels"]) for sample in check["exp_samples"] or [])
        found.append(Expected(alert[1], check["expr"], check["eval_time"], fired))
    for check in test.get("alert_rule_test", []):
        name = check["alertname"]
        rows = [{key: str(value) for key, value in row["exp_labels"].items()} for row in check["exp_alerts"] or []]
        fired = tuple(tuple(sorted(row.items())) for row in rows)
        found.append(Expected(name, f'ALERTS{{alertname="{name}",alertstate="firing"}}', check["eval_time"], fired))
    return found


def _labels(text: str) -> tuple[tuple[str, str], ...]:
    pairs = re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', text)
    return tuple(sorted((key, value) for key, value in pairs if key not in ("alertname", "alertstate")))


# ---------------------------------------------------------------------------------- promtool's notation


def expanded(values: str) -> list[str]:
    """`0+2x3 _ stale` -> one word a sample: a number, `_` (none) or `stale`."""
    found: list[str] = []
    for word in values.split():
        match = re.fullmatch(r"(-?[\d.e]+)(?:([+-][\d.e]+))?x(\d+)|(_)x(\d+)", word)
        if match is None:
            found.append(word)
        elif match[4]:
            found += ["_"] * int(match[5])
        else:
            found += [f"{float(match[1]) + n * float(match[2] or 0):.10g}" for n in range(int(match[3]) + 1)]
    return found


def restarted(values: str, at: int) -> str:
    """A counter that starts again from 0 at one sample; unchanged where it does so anyway, or is shorter."""
    samples = expanded(values)
    numbers = [float(word) for word in samples if word not in ("_", "stale")]
    if len(samples) <= at or numbers != sorted(numbers):
        return values
    base = max((float(word) for word in samples[:at] if word not in ("_", "stale")), default=0.0)
    after = [word if word in ("_", "stale") else f"{float(word) - base:.10g}" for word in samples[at:]]
    return " ".join((*samples[:at], *after))


# ------------------------------------------------------------------------------------------ retellings

NAMES = {name: (metric, part) for metric in metrics.ALL for part in metric.parts for name in metric.series(part)}


def _renamed(series: str, choose: Callable[[tuple[str, ...]], str]) -> str:
    name, brace, rest = series.partition("{")
    if name not in NAMES:
        return series
    metric, part = NAMES[name]
    return choose(metric.series(part)) + brace + rest


def old_names(rows: list[Series], _at: int) -> list[Series]:
    """Every series under the oldest name it had."""
    return [{**row, "series": _renamed(row["series"], lambda names: names[-1])} for row in rows]


def newest_names(rows: list[Series], _at: int) -> list[Series]:
    """Every series under its newest name."""
    return [{**row, "series": _renamed(row["series"], lambda names: names[0])} for row in rows]


def prefixed(rows: list[Series], _at: int) -> list[Series]:
    """As Ray Serve renames them; for rules built for that."""
    return [{**row, "series": re.sub("^vllm:", PREFIX, row["series"])} for row in rows]


def _of_engines(series: str) -> bool:
    name = series.partition("{")[0]
    return name in NAMES and NAMES[name][0].owner is Owner.ENGINE


def data_parallel(rows: list[Series], _at: int) -> list[Series]:
    """Every engine has a twin in the same server, one more `engine`."""
    twins = [
        {**row, "series": re.sub(r'engine="(\d+)"', r'engine="1\1"', row["series"])}
        for row in rows
        if _of_engines(row["series"]) and 'engine="' in row["series"]
    ]
    return rows + twins


def mixed_pair(rows: list[Series], _at: int) -> list[Series]:
    """Every server has a twin of another version: the newest names here, the oldest there."""
    twins = [
        {**row, "series": re.sub(r'instance="([^"]*)"', r'instance="\1-old"', row["series"])}
        for row in old_names(rows, 0)
    ]
    return newest_names(rows, 0) + twins


def restart(rows: list[Series], at: int) -> list[Series]:
    """Every engine counter starts again from 0 at one moment."""
    return [{**row, "values": restarted(row["values"], at)} if _grows(row["series"]) else row for row in rows]


def _grows(series: str) -> bool:
    name = series.partition("{")[0]
    return name in NAMES and NAMES[name][0].kind in (Kind.COUNTER, Kind.HISTOGRAM) and _of_engines(series)


def one_missing(rows: list[Series], _at: int) -> list[list[Series]]:
    """Without one family of vLLM's, each in turn: switched off, or of another version."""
    families = dict.fromkeys(NAMES[name][0].id for row in rows if (name := row["series"].partition("{")[0]) in NAMES)
    return [
        [row for row in rows if (name := row["series"].partition("{")[0]) not in NAMES or NAMES[name][0].id != family]
        for family in families
        if len(families) > 1
    ]


# Native histograms, as promtool writes them. One without buckets has a single one.
_PARTS_OF = {name: part for metric in metrics.ALL if metric.kind is Kind.HISTOGRAM
             for part in metric.parts for name in metric.series(part)}  # fmt: skip
_ANY_BOUND = 1.0


def _parts_of_histograms(rows: list[Series]) -> dict[str, dict[tuple[Part, float], list[str]]]:
    """Series of a native histogram -> what it holds: samples of each part, and of each bucket."""
    found: dict[str, dict[tuple[Part, float], list[str]]] = {}
    for row in rows:
        name, _, rest = row["series"].partition("{")
        if (part := _PARTS_OF.get(name)) is not None:
            le = re.search(r',?\ble="([^"]*)"', rest)
            labels = rest.replace(le[0], "") if le else rest
            whole = name.removesuffix(part.value) + "{" + labels.removeprefix(",")
            bound = float(le[1].replace("Inf", "inf")) if le else 0.0
            found.setdefault(whole, {})[part, bound] = expanded(row["values"])
    return found


def _native_values(held: dict[tuple[Part, float], list[str]]) -> str:
    bounds = sorted(bound for part, bound in held if part is Part.BUCKET and bound != float("inf")) or [_ANY_BOUND]
    words = []
    for i in range(max(map(len, held.values()))):
        there = {key: samples[i] for key, samples in held.items() if i < len(samples) and samples[i] != "_"}
        if not there or "stale" in there.values():
            words.append("stale" if there else "_")
            continue
        numbers = {key: float(word) for key, word in there.items()}
        edges = [numbers.get((Part.BUCKET, bound), 0.0) for bound in bounds]
        count = numbers.get((Part.BUCKET, float("inf")), numbers.get((Part.COUNT, 0.0), edges[-1]))
        counts = [b - a for a, b in zip((0.0, *edges), (*edges, count), strict=True)]
        custom, buckets = (" ".join(f"{n:.15g}" for n in each) for each in (bounds, counts))
        total = numbers.get((Part.SUM, 0.0), 0.0)
        words.append(
            f"{{{{schema:-53 count:{count:.15g} sum:{total:.15g} custom_values:[{custom}] buckets:[{buckets}]}}}}"
        )
    return " ".join(words)


def native(rows: list[Series], _at: int) -> list[Series]:
    """Every histogram as a Prometheus stores it that converts while it scrapes."""
    told = [{"series": name, "values": _native_values(held)} for name, held in _parts_of_histograms(rows).items()]
    return [row for row in rows if row["series"].partition("{")[0] not in _PARTS_OF] + told


def in_both(rows: list[Series], _at: int) -> list[Series]:
    """As a Prometheus stores them that converts, and keeps the classic ones too."""
    return rows + [row for row in native(rows, 0) if row not in rows]


def converted(rows: list[Series], at: int) -> list[Series]:
    """Classic up to a moment, native from then on."""
    found = []
    for row in in_both(rows, 0):
        words = expanded(row["values"]) if row in rows else re.findall(r"{{.*?}}|\S+", row["values"])
        if row not in rows:
            words = ["_"] * at + words[at:]
        elif row["series"].partition("{")[0] in _PARTS_OF and len(words) > at:
            words = [*words[:at], "stale"]
        found.append({**row, "values": " ".join(words)})
    return found


def half_converted(rows: list[Series], _at: int) -> list[Series]:
    """Every server has a twin whose histograms are native."""
    twins = [{**row, "series": re.sub(r'instance="([^"]*)"', r'instance="\1-native"', row["series"])} for row in rows]
    return rows + native(twins, 0)


@dataclass(frozen=True)
class Retelling:
    """A change that must not matter. `keys`: the labels that stay comparable; None: all.

    `histograms`: for rules built so, which only newer lines of Prometheus can evaluate.
    """

    name: str
    change: Callable[[list[Series], int], list[Series] | list[list[Series]]]
    keys: tuple[str, ...] | None = None
    prefix: str = "vllm:"
    histograms: str = "classic"
    fired_too: bool = True  # whether what fires must still fire
    quiet_too: bool = True  # whether what is quiet must stay so


# Twins double every count: what was quiet for lack of traffic or of engines may fire then, rightly.
_OF_MODEL = ("job", "model_name", "severity", "window", "of")
RETELLINGS = (
    Retelling("old names", old_names),
    Retelling("newest names", newest_names),
    Retelling("another prefix", prefixed, prefix=PREFIX),
    Retelling("data parallel", data_parallel, _OF_MODEL, quiet_too=False),
    Retelling("mixed pair", mixed_pair, _OF_MODEL, quiet_too=False),
    Retelling("restart", restart),
    Retelling("one missing", one_missing, fired_too=False),
    Retelling("native", native, histograms="native"),
    Retelling("kept classic", lambda rows, _: rows, histograms="both"),
    Retelling("all native", native, histograms="both"),
    Retelling("in both", in_both, histograms="both"),
    Retelling("converted", converted, histograms="both"),
    Retelling("half converted", half_converted, _OF_MODEL, histograms="both", quiet_too=False),
)

# (retelling, words of the scenario's name): where the change does matter, and why.
MATTERS = {
    ("one missing", "11 waiting at 0.4 a second"): "vLLM 0.8 shows finished requests only after the first",
    ("one missing", "Steps without tokens are progress"): "the family proves the progress",
    ("one missing", "Tokens alone are progress"): "the family proves the progress",
    ("one missing", "An engine that sleeps on purpose"): "the family tells sleep from a stall",
    ("one missing", "An embedding engine that works has not stalled"): "the family proves the progress",
    ("one missing", "A prompt of a million tokens is read"): "the family proves the progress",
    ("one missing", "Weights are being updated"): "the family tells an update from a stall",
    # Where a version can't tell the work, seconds decide alone.
    ("one missing", "First tokens of 4.875 s behind prompts that take as long"): "the family tells the work",
    ("one missing", "A share of 9.7 % late starts"): "the family tells the work",
    ("one missing", "9.7 % of first tokens over 2.5 s"): "the family tells the work",
    ("one missing", "A third of first tokens over 2.5 s, and a third"): "the family tells the work",
    ("one missing", "80 % of first tokens take over 2.5 s, and so does"): "the family tells the work",
    ("one missing", "Everybody is late for two minutes"): "the family tells that it is over",
    ("one missing", "Gaps of up to 0.3 s here and there"): "the family tells how fast answers are",
    ("one missing", "9.7 % of slow answers"): "the family tells how fast answers are",
    ("one missing", "A mean queue time of 12 s that prompts explain"): "the family tells the work",
    ("one missing", "Long conversations pinned to one engine"): "the family tells the work",
    ("one missing", "Callers change from chat to classification"): "the family tells the work",
    ("one missing", "Many rejections, one of two hundred requests"): "the family tells the share",
    ("one missing", "A rank that was retired an hour ago"): "the family tells idle engines",
    ("one missing", "Prefill and decode engines of one job"): "the families tell both kinds apart",
    (
        "one missing",
        "One request waits behind answers of a quarter of an hour",
    ): "the family proves that answers are written",
    ("one missing", "A server that never showed some metrics"): "without the gauge it shows no engine",
    ("mixed pair", "6 % of 5xx fire at both severities"): "a server with twice the requests has enough of its own",
    ("half converted", "6 % of 5xx fire at both severities"): "a server with twice the requests has enough of its own",
}


def retold(retelling: Retelling) -> Iterator[tuple[str, Test, list[Expected]]]:
    """(file, scenario, what it expects) of each scenario that this retelling changes."""
    for path in SCENARIOS:
        for test in yaml.load(path.read_text(), LOADER)["tests"]:
            every = expectations(test)
            expected = [one for one in every if (retelling.fired_too if one.fired else retelling.quiet_too)]
            if not expected or any((retelling.name, words) in MATTERS for words in _words(test)):
                continue
            rows = test["input_series"]
            told = retelling.change(rows, _moment(test, every))
            versions: list[Any] = told if told and isinstance(told[0], list) else [told]
            for changed in versions:
                if changed and (changed != rows or retelling.histograms != "classic"):
                    checks = [_asked(one, retelling.keys) for one in expected]
                    head = {"name": f"{retelling.name}: {test['name']}", "interval": test["interval"]}
                    yield path.stem, {**head, "input_series": changed, "promql_expr_test": checks}, expected


def _words(test: Test) -> list[str]:
    return [words for _, words in MATTERS if words in test["name"]]


def _asked(one: Expected, keys: tuple[str, ...] | None) -> dict[str, Any]:
    if keys is None:
        expr, fired = f"group without (alertname, alertstate) ({one.expr})", set(one.fired)
    else:
        expr = f"group by ({', '.join(keys)}) ({one.expr})"
        fired = {tuple(pair for pair in row if pair[0] in keys) for row in one.fired}
    samples = [
        {"labels": "{" + ",".join(f'{key}="{value}"' for key, value in row) + "}", "value": 1} for row in sorted(fired)
    ]
    return {"expr": expr, "eval_time": one.at, "exp_samples": samples}


def _moment(test: Test, expected: list[Expected]) -> int:
    """The sample half-way to the first thing expected, where a restart does most harm."""
    step = seconds(test["interval"])
    return max(1, int(min((seconds(one.at) for one in expected), default=0) / step / 2))


def seconds(duration: str) -> float:
    """`1h30m` in seconds."""
    sizes = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    return sum(float(number) * sizes[unit] for number, unit in re.findall(r"([\d.]+)([smhd])", duration))


def document(path: Path, tests: list[Test], rules: Path = ROOT) -> Path:
    """A file of rule tests for promtool, over the rules in a bundle."""
    order = yaml.safe_load(SCENARIOS[0].read_text())["group_eval_order"]
    files = [str(rules / "alerts" / f"vllm-{kind}.yaml") for kind in ("recording-rules", "alerts")]
    whole = {"rule_files": files, "evaluation_interval": "1m", "group_eval_order": order, "tests": tests}
    path.write_text(yaml.safe_dump(whole, width=10**9))
    return path
