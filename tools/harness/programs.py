"""What tests need of promtool, Prometheus and amtool: finding them, filling a database, asking it.

A tool that is missing is a failure that names its package, never a skip: a test that did not run proves nothing.
"""

from __future__ import annotations

import functools
import math
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from harness import ruletests
from harness.processes import prometheus_process
from harness.ruletests import LOADER
from vllm_observability.settings.durations import seconds

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {
    "promtool": "prometheus",
    "prometheus": "prometheus",
    "amtool": "prometheus-alertmanager",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "vmalert": "victoria-metrics",
    "victoria-metrics": "victoria-metrics",
}

# What is recorded, then what reads it.
RULE_FILES = (ROOT / "alerts/vllm-recording-rules.yaml", ROOT / "alerts/vllm-alerts.yaml")

# promtool reads its input once for each block: few long ones are many times faster.
LONG_BLOCKS = "--max-block-duration=54h"
# Seconds after a round time at which rules are evaluated: a Prometheus does not do it at the very moment of a scrape.
PHASE = 27.84
POINTS = 10_000  # of a range query; Prometheus answers 11,000
RECORDED_NAME = re.compile(r"\b(?:engine|model):vllm_\w+:\w+")

Labels = tuple[tuple[str, str], ...]  # sorted pairs
Vector = dict[Labels, float]
Samples = list[tuple[float, float]]  # (time, value) of each
Matrix = dict[Labels, Samples]


class ToolMissing(Exception):
    """The sentence that says which package to install."""


def tool(name: str) -> Path:
    """Where a tool is: on PATH, else among those that `make tools` unpacked."""
    return _candidates(name)[0]


def tree_of(program: Path) -> Path:
    """Where `usr/bin/…` of an installed or unpacked program begins: it may look for its files from there."""
    return program.resolve().parents[2]


def _candidates(name: str) -> list[Path]:
    on_path = shutil.which(name)
    found = ([Path(on_path)] if on_path else []) + sorted(ROOT.glob(f".tools/*/usr/bin/{name}"))
    if not found:
        raise ToolMissing(f"{name} is not installed: run `make tools`, or install the Debian package {PACKAGES[name]}.")
    return found


@dataclass(frozen=True)
class Line:
    """A Prometheus and the promtool of the same version."""

    version: str
    prometheus: Path
    promtool: Path

    def __str__(self) -> str:
        return self.version


@functools.cache
def prometheus_lines() -> tuple[Line, ...]:
    """Every version to be had, oldest first: the distribution's, and newer ones where `make tools` found any."""
    found: dict[str, dict[str, Path]] = {}
    for name in ("prometheus", "promtool"):
        for path in _candidates(name):
            found.setdefault(_version(path), {}).setdefault(name, path)
    lines = [Line(version, **paths) for version, paths in found.items() if len(paths) == 2]
    if not lines:
        raise ToolMissing("promtool and prometheus are of different versions: install the Debian package prometheus.")
    return tuple(sorted(lines, key=lambda line: [int(n) for n in re.findall(r"\d+", line.version)]))


def _version(path: Path) -> str:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True)
    match = re.search(r"version (\d+\.\d+\.\d+)", said.stdout + said.stderr)
    assert match, f"{path} --version says no version"
    return match[1]


# -------------------------------------------------------------------------------------------- promtool


def promtool_check_rules(paths: Iterable[Path], line: Line | None = None) -> str:
    """Faults that promtool finds in rule files, lint included; empty where they are clean."""
    return _faults(line, "check", "rules", "--lint=all", "--lint-fatal", *paths)


def promtool_test_rules(path: Path, line: Line | None = None) -> str:
    """What fails in a file of rule tests; empty where it passes. Each test sees the rules that it asks about."""
    with tempfile.TemporaryDirectory(prefix="rule-tests-") as folder:
        return _faults(line, "test", "rules", *ruletests.written(path, Path(folder)))


def write_rules(files: Mapping[str, str], folder: Path) -> list[Path]:
    """The rule files of a bundle, put into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in files.items():
        if name.startswith("alerts/vllm-"):
            written.append(folder / Path(name).name)
            written[-1].write_text(text)
    return written


def _faults(line: Line | None, *arguments: str | Path) -> str:
    promtool = line.promtool if line else tool("promtool")
    command, environment = [promtool, *arguments], {"GOGC": "400", **os.environ}  # a fifth of its time is collecting
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    return "" if done.returncode == 0 else (done.stdout + done.stderr).strip() or "promtool failed without a word"


def backfill(openmetrics: str, directory: Path, line: Line | None = None) -> None:
    """Write samples into a database directory; `openmetrics` has timestamps in seconds and ends in `# EOF`."""
    with tempfile.NamedTemporaryFile("w", suffix=".om", encoding="utf-8", newline="") as file:
        file.write(openmetrics)
        file.flush()
        if faults := _faults(
            line, "tsdb", "create-blocks-from", LONG_BLOCKS, "openmetrics", "--quiet", file.name, directory
        ):
            raise AssertionError(f"promtool takes these samples for no page: {faults[-2000:]}")


def rule_groups(*files: Path) -> list[dict[str, Any]]:
    """Groups of rule files, in order."""
    return [group for path in files for group in yaml.load(path.read_text(), LOADER)["groups"]]


def rules_of(*files: Path) -> list[dict[str, Any]]:
    """Rules of rule files, in order."""
    return [rule for group in rule_groups(*files) for rule in group["rules"]]


def record(
    directory: Path, rule_file: Path, start: float, end: float, step: str = "30s", line: Line | None = None,
    arguments: Sequence[str] = (),
) -> None:  # fmt: skip
    """Fill a database with what a file's recording rules would have recorded; a reader comes after what it reads."""
    every = seconds(step) or 0.0
    first = PHASE + every * math.ceil((start - PHASE) / every)
    for layer in layers([rule for rule in rules_of(rule_file) if "record" in rule]):
        lines: dict[str, list[str]] = {}  # by name, since a database takes those of one name together
        with running_prometheus(directory, line=line, arguments=arguments) as server:
            for rule in layer:
                found = lines.setdefault(rule["record"], [])
                for labels, samples in server.all_steps(rule["expr"], first, end, every):
                    own = {key: value for key, value in labels if key != "__name__"} | rule.get("labels", {})
                    head = _head(rule["record"], own)
                    found += [f"{head} {value!r} {at:.3f}\n" for at, value in samples]
        if any(lines.values()):
            backfill("".join(text for group in lines.values() for text in group) + "# EOF\n", directory, line)


def fire(
    directory: Path, rule_file: Path, start: float, end: float, step: int = 30, line: Line | None = None,
    arguments: Sequence[str] = (),
) -> int:  # fmt: skip
    """Fill a database with what Prometheus writes of a file's alert rules; how many fire at the end."""
    lines, begun, firing = [], [], 0
    with running_prometheus(directory, line=line, arguments=arguments) as server:
        for rule in rules_of(rule_file):
            hold = seconds(rule.get("for", "0s")) or 0
            for labels, samples in server.query_range(rule["expr"], start, end, step).items():
                own = {key: value for key, value in labels if key != "__name__"}
                own |= {**rule["labels"], "alertname": rule["alert"]}
                since = before = -math.inf
                for at, _ in samples:
                    since = at if at - before > step else since
                    before = at
                    begun.append(openmetrics_line("ALERTS_FOR_STATE", own, since, at))
                    if at - since >= hold:
                        lines.append(openmetrics_line("ALERTS", {**own, "alertstate": "firing"}, 1, at))
                firing += before >= end - step and before - since >= hold
    if begun:
        backfill("".join([*lines, *begun]) + "# EOF\n", directory, line)
    return firing


def layers(rules: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Recording rules, those first that read none of the others; reading its own series does not count."""
    left = list(rules)
    while left:
        names = {rule["record"] for rule in left}
        ready = [r for r in left if not (set(RECORDED_NAME.findall(r["expr"])) & (names - {r["record"]}))]
        assert ready, "rules read each other in a circle"
        yield ready
        left = [rule for rule in left if rule not in ready]


def openmetrics_line(name: str, labels: Mapping[str, str], value: float, at: float) -> str:
    """One sample as `backfill` reads it."""
    return f"{_head(name, labels)} {value!r} {at:.3f}\n"


def _head(name: str, labels: Mapping[str, str]) -> str:
    text = ",".join(f'{key}="{_escaped(held)}"' for key, held in labels.items())
    return f"{name}{{{text}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


# ------------------------------------------------------------------------------------------ Prometheus


@dataclass(frozen=True)
class Server:
    """A running Prometheus."""

    url: str
    _client: httpx.Client

    def query(self, promql: str, at: float) -> Vector:
        """An instant vector, or a scalar under no labels, at a time in Unix seconds."""
        data = self.ask("query", {"query": promql, "time": repr(at)})
        if data["resultType"] == "scalar":
            return {(): float(data["result"][1])}
        return {_labels(row["metric"]): float(row["value"][1]) for row in data["result"]}

    def query_range(self, promql: str, start: float, end: float, step: float) -> Matrix:
        """The samples of each series."""
        data = self.ask("query_range", {"query": promql, "start": repr(start), "end": repr(end), "step": repr(step)})
        return {_labels(row["metric"]): [(float(t), float(v)) for t, v in row["values"]] for row in data["result"]}

    def all_steps(self, promql: str, start: float, end: float, step: float) -> Iterator[tuple[Labels, Samples]]:
        """The same of a range of any length: a series comes once for each part in which a server answers."""
        for number in range(math.floor((end - start) / step) // POINTS + 1):
            begin = start + number * POINTS * step
            yield from self.query_range(promql, begin, min(end, begin + (POINTS - 1) * step), step).items()

    def samples(self, promql: str, *when: float) -> tuple[int, int]:
        """Samples that a query reads, and the most held at once: at a time, or from, to and step."""
        names = ("time",) if len(when) == 1 else ("start", "end", "step")
        form = {"query": promql, "stats": "all", **{name: repr(value) for name, value in zip(names, when, strict=True)}}
        found = self.ask("query" if len(when) == 1 else "query_range", form)["stats"]["samples"]
        return int(found["totalQueryableSamples"]), int(found["peakSamples"])

    def ask(self, what: str, form: Mapping[str, str]) -> Any:
        """The data of an answer of the query API."""
        answer = self._client.post(f"{self.url}/api/v1/{what}", data=form).json()
        assert answer["status"] == "success", f"{answer.get('error')}\n{form['query']}"
        return answer["data"]


def _labels(metric: Mapping[str, str]) -> Labels:
    return tuple(sorted(metric.items()))


@contextmanager
def running_prometheus(
    directory: Path, rule_files: Sequence[Path] = (), *, line: Line | None = None, evaluation_interval: str = "1s",
    arguments: Sequence[str] = (), late: str = "0s",
) -> Iterator[Server]:  # fmt: skip
    """A Prometheus on a free port of this machine over a database directory; it ends with the block.

    `late`: how much older than the newest a sample that is written may be.
    """
    binary = line.prometheus if line else tool("prometheus")
    with (
        tempfile.TemporaryDirectory(prefix="prometheus-") as scratch,
        httpx.Client(trust_env=False, verify=False, timeout=60) as client,
    ):
        config = Path(scratch, "prometheus.yml")
        files = ", ".join(f"'{path}'" for path in rule_files)
        config.write_text(
            f"global: {{evaluation_interval: {evaluation_interval}}}\nrule_files: [{files}]\n"
            f"storage: {{tsdb: {{out_of_order_time_window: {late}}}}}\n"
        )
        flags = ("--storage.tsdb.retention.time=100y", *arguments)  # backfilled samples may be years old
        with prometheus_process(binary, config, directory, arguments=flags, killed=True) as (url, _):
            yield Server(url, client)
