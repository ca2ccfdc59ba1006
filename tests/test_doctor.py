"""The doctor: ten planted faults in a real Prometheus, each found with its cure, and a sound one left alone."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from harness.history import ALL_FEATURES, Replica, history, rows
from harness.programs import ROOT, backfill, prometheus_lines, record, running_prometheus
from recordings import DATA, PAGES
from vllm_observability.command.cli import main
from vllm_observability.doctor import Diagnosis, Unused, coverage, examine, names_of_page, upgrade
from vllm_observability.pages.scrape import read_page
from vllm_observability.pages.snapshot import snapshot
from vllm_observability.pages.sources import Access
from vllm_observability.prometheus import Api
from vllm_observability.queries.reads import names_read
from vllm_observability.queries.unread import unused
from vllm_observability.render.report.doctor import coverage_text, diagnosis_text, relabelling
from vllm_observability.settings import Settings, parse

END = 1_800_001_200.0
AT = END - 91
LINE = prometheus_lines()[0]
SOUND = (Replica("a:8000", features=ALL_FEATURES), Replica("b:8000"), Replica("c:8000"))


@contextmanager
def _examined(
    tmp_path: Path, replicas: tuple[Replica, ...], change: Callable[[str], str] = lambda text: text, *,
    rules: bool = False, settings: Settings | None = None, since: float = 3600,
) -> Iterator[Diagnosis]:  # fmt: skip
    """What the doctor says of a fleet's history, changed line by line; rules were loaded `since` seconds before."""
    text = history(replicas, END, 75 if rules else 12, 30)
    changed = "".join(change(line) for line in text.removesuffix("# EOF\n").splitlines(keepends=True))
    lines = changed.splitlines(keepends=True)
    grouped: dict[str, list[str]] = {}
    for line in lines:
        if line:
            grouped.setdefault(line.partition("{")[0], []).append(line)
    data = tmp_path / "data"
    backfill("".join(line for group in grouped.values() for line in group) + "# EOF\n", data, LINE)
    if rules:
        record(data, ROOT / "alerts/vllm-recording-rules.yaml", END - since, END, line=LINE)
    with running_prometheus(data, line=LINE) as server:
        yield examine(Api(server.url, Access(), 64_000_000), settings or Settings(), AT)


def test_a_sound_fleet_is_well(tmp_path: Path) -> None:
    """Rules loaded, targets up: nothing to mend, every panel has data or a good reason."""
    with _examined(tmp_path, SOUND, rules=True) as found:
        assert [] == [problem for problem in found.problems if problem.severity == "problem"]
        assert found.sound
        assert (("vllm", 3, 3),) == found.targets
        empty = {state.of: state.why for state in found.panels if not state.ready}
        assert len(found.panels) > 150
        assert len(empty) < 12, empty
        assert all(state.ready or state.expected for state in found.alerts)
        assert ["fleet: " + state.of for state in found.panels] == [state.of for state in found.fleet]
        assert [state.of for state in found.fleet if not state.ready] == [f"fleet: {place}" for place in empty]
        _spares_what_is_read(found, tmp_path)


def test_scrapes_that_are_rarer_than_the_boards_think_are_said(tmp_path: Path) -> None:
    """Every 30 s, where four intervals of 10 s hold one of them: no rate can be told."""
    with _examined(tmp_path, SOUND, settings=Settings(scrape_interval="10s")) as found:
        said = {problem.id: (problem.severity, problem.what, problem.fix) for problem in found.problems}
        severity, what, fix = said["scrape_interval"]
        assert "problem" == severity
        assert what.startswith("targets are scraped every 30 s, where the boards are built for 10s")
        assert fix.startswith("scrape_interval: 30s in the settings, then vllm-obs build")


def test_young_rules_have_no_budgets_yet(tmp_path: Path) -> None:
    """Ten minutes after the rules were loaded, and before the next full hour: nothing to mend, only to wait for."""
    with _examined(tmp_path, SOUND, rules=True, since=600) as found:
        waiting = {state.of: state.expected for state in found.panels if "full hours" in state.why}
        assert waiting["Overview / TTFT budget"]
        assert all("udget" in place or place == "SLO / Objectives" for place in waiting)
        others = {state.of: (state.why, state.expected) for state in found.panels if not state.ready}
        assert others["Throughput / Throughput against the past"] == (
            "no traffic, or no hour of history to compare with", True,
        )  # fmt: skip
        assert not [place for place, (why, _) in others.items() if "recorded series" in why]
        assert found.sound


def _spares_what_is_read(found: Diagnosis, tmp_path: Path) -> None:
    """The relabel rules are YAML that promtool takes, drop what they say they save, and nothing that is read."""
    text = diagnosis_text(found)
    start = text.index("metric_relabel_configs:")
    snippet = text[start : text.index("\n\n", start)]
    rules = yaml.safe_load(snippet)["metric_relabel_configs"]
    config = {"scrape_configs": [{"job_name": "vllm", "metric_relabel_configs": rules}]}
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))
    command = [LINE.promtool, "check", "config", tmp_path / "prometheus.yml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    exposed = {name for replica in SOUND for row in rows(replica) for name in (s.partition("{")[0] for s in row.series)}
    dropped = {name for name in exposed for rule in rules if re.fullmatch(rule["regex"], name)}
    assert "vllm:request_params_n_bucket" in dropped
    assert "http_request_size_bytes_sum" in dropped
    assert dropped == exposed - names_read(Settings())
    assert f"{sum(one.series for one in found.unused):,} series fewer" in snippet
    assert [one.series for one in found.unused] == sorted((one.series for one in found.unused), reverse=True)


def test_names_of_pages_are_harmless_in_the_relabel_rules() -> None:
    """A metric is named by whoever writes the page: only that name is dropped, and the YAML stays whole."""
    patterns = unused({"a.b_sum": 3, "a.b_count": 3, "up": 1, "x_created": 2, "y_created": 2}, Settings())
    assert {r"a\.b(_count|_sum)": 6, ".*_created": 4} == {one.pattern: one.series for one in patterns}
    loaded = yaml.safe_load("\n".join(relabelling((Unused('x"\n#: y', 1),))))
    assert 'x"\n#: y' == loaded["metric_relabel_configs"][0]["regex"]


def _without(*names: str) -> Callable[[str], str]:
    return lambda line: "" if line.startswith(names) else line


def _ids(found: Diagnosis) -> set[str]:
    return {problem.id for problem in found.problems}


def _fix(found: Diagnosis, id: str) -> str:
    return next(problem.fix for problem in found.problems if problem.id == id)


def test_another_prefix_is_found(tmp_path: Path) -> None:
    """Ray's names under vLLM's own settings: the setting to change is spelt out."""
    with _examined(tmp_path, SOUND, lambda line: line.replace("vllm:", "ray_vllm_", 1)) as found:
        assert "metric_prefixes: ['ray_vllm_']" in _fix(found, "prefix")
        assert not found.sound


def test_a_prometheus_without_vllm_is_found(tmp_path: Path) -> None:
    """Only other programs."""
    with _examined(tmp_path, SOUND, lambda line: line if line.startswith("up") else "") as found:
        assert "nothing" in _ids(found)


def test_a_selector_that_misses_is_found(tmp_path: Path) -> None:
    """A job that is named after something else."""
    replicas = tuple(dataclasses.replace(replica, job="llm") for replica in SOUND)
    with _examined(tmp_path, replicas) as found:
        assert 'target_selector: job=~"llm"' in _fix(found, "selector")


def test_a_dead_target_is_found(tmp_path: Path) -> None:
    """By its name."""
    with _examined(tmp_path, (*SOUND, Replica("d:8000", incident="down"))) as found:
        assert any("d:8000" in problem.what for problem in found.problems if problem.id == "down")


def test_switched_off_statistics_are_found(tmp_path: Path) -> None:
    """The API server's own metrics, and none of the engine."""
    with _examined(
        tmp_path, SOUND, lambda line: "" if 'instance="b:8000"' in line and line.startswith("vllm:") else line
    ) as found:
        assert "--disable-log-stats" in _fix(found, "no_engine_metrics")


def test_a_wrong_port_is_found(tmp_path: Path) -> None:
    """A target that is another program."""

    def change(line: str) -> str:
        other = 'instance="b:8000"' in line and not line.startswith(("up", "scrape_"))
        return "" if other else line

    with _examined(tmp_path, SOUND, change) as found:
        assert "port" in _fix(found, "no_engine_metrics")


def test_rules_that_are_not_loaded_are_found(tmp_path: Path) -> None:
    """And what reads them is empty for that reason."""
    with _examined(tmp_path, SOUND) as found:
        assert "rule_files" in _fix(found, "rules")
        assert any("recorded series" in state.why for state in found.panels)


def test_missing_bounds_are_found(tmp_path: Path) -> None:
    """A part of the recording rules only: series, but nothing to compare them with."""

    def change(line: str) -> str:
        name = "vllm:num_requests_running{"
        return line + line.replace(name, "model:vllm_requests_running:sum{", 1) if line.startswith(name) else line

    with _examined(tmp_path, SOUND, change) as found:
        assert "one build" in _fix(found, "thresholds")
        assert "rules" not in _ids(found)


def test_a_panel_that_is_not_recorded_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules of an older build: raw data is there, and the fleet board's panel is empty."""
    plain = Api.values

    def values(self: Api, query: str, at: float) -> object:
        return [] if "model:vllm_time_to_first_token_seconds" in query else plain(self, query, at)

    monkeypatch.setattr(Api, "values", values)
    with _examined(tmp_path, SOUND[:1], rules=True) as found:
        lost = {state.of for state in found.fleet if "none of what it reads is recorded" in state.why}
        assert {of for of in lost if of.startswith("fleet: Latency / ")}
        assert lost <= {f"fleet: {state.of}" for state in found.panels if state.ready}
        assert not found.sound
        assert "Fleet panels: " in diagnosis_text(found)


def test_slow_scrapes_are_found(tmp_path: Path) -> None:
    """Past half of the interval."""
    with _examined(
        tmp_path, SOUND, lambda line: line.replace(" 0.012 ", " 11.5 ") if line.startswith("scrape_duration") else line
    ) as found:
        assert "slow_scrape" in _ids(found)


def test_a_short_rate_window_is_found(tmp_path: Path) -> None:
    """A minute of scrapes 30 s apart holds two or three."""
    with _examined(tmp_path, SOUND, settings=parse({"scrape_interval": "15s", "rate_window": "60s"})) as found:
        assert "four scrape intervals" in _fix(found, "rate_window")


def test_created_series_and_pids_are_mentioned(tmp_path: Path) -> None:
    """As hints: they cost, or mislead others, but nothing is missing."""

    def change(line: str) -> str:
        if "_total{" in line:
            return line + line.replace("_total{", "_created{", 1)
        if line.startswith("vllm:num_requests_running"):
            return line.replace("{", '{pid="7",', 1)
        return "" if "_bucket" in line else line

    with _examined(tmp_path, SOUND[:1], change) as found:
        hints = {problem.id for problem in found.problems if problem.severity == "hint"}
        assert hints == {"pid", "created", "unused", "scrape_interval"}  # every 30 s, where boards expect 15


# ---------------------------------------------------------------------------------------------- pages


def _page(folder: str, page: str = "after") -> object:
    return snapshot(read_page((PAGES / folder / f"{page}.txt").read_bytes()))


def test_a_page_under_another_prefix_is_a_problem_until_the_settings_have_it() -> None:
    """Its names are all there, and no query of the bundle would find one of them."""
    page = snapshot(read_page((DATA / "oddities" / "05-ray-vllm-two-replicas.txt").read_bytes()))
    found = coverage(names_of_page(page), Settings())
    assert ["prefix"] == [problem.id for problem in found.problems]
    assert "ray_vllm_" in coverage_text("a page", found)
    assert not found.sound
    assert () == coverage(names_of_page(page), Settings(metric_prefixes=("vllm:", "ray_vllm_"))).problems


@pytest.mark.parametrize(
    "folder", ["vllm-0.8.5", "vllm-0.9.2", "vllm-0.10.2", "vllm-0.12.0", "vllm-0.16.0", "vllm-0.32.0"]
)
def test_nothing_is_missing_on_a_real_page_without_a_reason(folder: str) -> None:
    """Every panel and alert of every version has its names, or a feature is off, or vLLM is older."""
    found = coverage(names_of_page(_page(folder)), Settings())  # type: ignore[arg-type]

    assert [] == [
        (state.of, state.why) for state in (*found.panels, *found.alerts) if not state.ready and not state.expected
    ]
    assert sum(state.ready for state in found.panels) > 120


def test_an_upgrade_over_a_rename_empties_nothing() -> None:
    """From 0.9 to 0.32: names change, panels fill."""
    found = upgrade(_page("vllm-0.9.2"), _page("vllm-0.32.0"), Settings())  # type: ignore[arg-type]

    assert () == found.emptied
    assert ("vllm:time_per_output_token_seconds", "vllm:inter_token_latency_seconds") in found.renamed
    assert "KV cache / Waiting requests, by reason" in found.filled


def test_a_downgrade_empties_what_is_newer() -> None:
    """The other way round, with the version that has it."""
    found = upgrade(_page("vllm-0.32.0"), _page("vllm-0.9.2"), Settings())  # type: ignore[arg-type]

    assert "exists from vLLM 0.20.0 on" in dict(found.emptied)["KV cache / Waiting requests, by reason"]


def test_on_the_command_line() -> None:
    """Text and JSON, exit codes, and bad usage."""
    page = str(PAGES / "vllm-0.32.0/after.txt")
    done = CliRunner().invoke(main, ["doctor", page])
    assert done.exit_code == 0
    assert "Panels: " in done.stdout
    data = json.loads(CliRunner().invoke(main, ["doctor", page, "--format", "json"]).stdout)
    assert len(data["panels"]) > 150
    old = str(PAGES / "vllm-0.9.2/after.txt")
    assert CliRunner().invoke(main, ["doctor", "--from", page, "--to", old]).exit_code == 1
    assert CliRunner().invoke(main, ["doctor", "--from", old, "--to", page]).exit_code == 0
    for wrong in ([], [page, "--prometheus", "http://x"], ["--from", page]):
        assert CliRunner().invoke(main, ["doctor", *wrong]).exit_code == 2
