"""The generated reference: every setting, command, option, metric, alert and panel has its entry, and none is stale."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields

import click
import pytest
import yaml

from harness.programs import ROOT
from vllm_observability.boards.panel_words import with_objectives
from vllm_observability.catalog import boards, checks, metrics, slo
from vllm_observability.command.cli import main
from vllm_observability.render.docs import alerts_page, boards_pages, commands_page, metrics_pages, settings_page
from vllm_observability.render.docs.reference import reference_pages
from vllm_observability.settings import Settings, parse

PAGES = reference_pages(Settings(), main)
OPTIONS = [
    (name, option)
    for name, command in main.commands.items()
    for option in command.params
    if isinstance(option, click.Option)
]


def _section(page: str, heading: str) -> str:
    """What stands under a heading of the second level, up to the next one."""
    found = re.search(
        rf"^## {re.escape(heading)}(?: {{[^\n]*}})?$(.*?)(?=^## |\Z)", PAGES[page], re.MULTILINE | re.DOTALL
    )
    assert found, f"{page} has no {heading}"
    return found[1]


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.name)
def test_every_setting_has_type_default_meaning_and_example(field: object) -> None:
    """The example is one that the settings take."""
    name = field.name  # type: ignore[attr-defined]
    section = _section(settings_page.PATH, name)
    example = re.search(r"```yaml\n(.*?)```", section, re.DOTALL)

    assert re.search(r"^- Type: \S", section, re.MULTILINE)
    assert re.search(r"^- Default: \S", section, re.MULTILINE)
    assert len(section.split("- Type")[0].split()) > 4
    assert example
    assert parse(yaml.safe_load(example[1])) is not None
    assert {name} == set(yaml.safe_load(example[1]))


def test_every_bound_of_every_check_is_listed() -> None:
    """With its reason; the ids are what thresholds and holds take."""
    section = _section(settings_page.PATH, "Checks and their defaults")
    rows = [line for line in section.splitlines() if line.startswith("| `")]

    assert sum(len(check.bounds) for check in checks.ALL) == len(rows)
    assert all(f"| `{check.id}` |" in section for check in checks.ALL)


@pytest.mark.parametrize(("command", "option"), OPTIONS, ids=lambda each: getattr(each, "name", each))
def test_every_option_is_told(command: str, option: click.Option) -> None:
    """In the table of its command, and with words."""
    section = _section(commands_page.PATH, f"vllm-obs {command}")
    row = next(line for line in section.splitlines() if line.startswith(f"| `{option.opts[0]}`"))

    assert row.split("|")[-2].strip() == " ".join((option.help or "").split())
    assert option.help, f"{command} {option.opts[0]} has no help"


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_has_usage_and_examples(command: str) -> None:
    """As its own help says."""
    section = _section(commands_page.PATH, f"vllm-obs {command}")

    assert f"```\nvllm-obs {command}" in section
    assert "```sh\nvllm-obs" in section or "```sh\n" in section
    assert "Exit codes:" in section


@pytest.mark.parametrize("metric", metrics.ALL, ids=lambda metric: metric.id)
def test_every_metric_has_names_labels_buckets_and_condition(metric: object) -> None:
    """Under its topic, and every name it has had is in the index."""
    m = metric
    section = _section(f"{metrics_pages.FOLDER}/{m.topic}.md", m.names[0].text)  # type: ignore[attr-defined]
    index = PAGES[f"{metrics_pages.FOLDER}/index.md"]

    for name in m.names:  # type: ignore[attr-defined]
        assert f"[`{name.text}`]({m.topic}.md#{m.id})" in index  # type: ignore[attr-defined]
        assert name.since in section
        assert name.until is None or name.until in section
    assert all(f"`{label}`" in section for label in m.labels)  # type: ignore[attr-defined]
    assert all(f"{bound:g}" in section for each in m.buckets for bound in each.bounds)  # type: ignore[attr-defined]
    assert m.condition is None or m.condition in section  # type: ignore[attr-defined]


@pytest.mark.parametrize("alert", sorted({c.alert for c in checks.ALL if c.alert} | {"VllmErrorBudgetBurn"}))
def test_every_alert_has_its_bounds_query_board_and_runbook(alert: str) -> None:
    """Of every severity; the runbook is a file."""
    section = _section(alerts_page.PATH, alert)
    severities = {bound.severity for check in checks.ALL if check.alert == alert for bound in check.bounds}

    assert all(f"| {severity} |" in section for severity in severities)
    assert "```promql" in section
    assert (ROOT / f"alerts/runbooks/{alert}.md").is_file()
    assert f"(../../alerts/runbooks/{alert}.md)" in section


def test_budgets_without_an_objective_are_left_out() -> None:
    """The end-to-end objective is off by default, and so is its alert."""
    assert "## VllmE2eBudgetBurn" not in PAGES[alerts_page.PATH]
    assert {b.alert for b in slo.BUDGETS} - {"VllmE2eBudgetBurn"} <= set(
        re.findall(r"## (\w+)", PAGES[alerts_page.PATH])
    )


@pytest.mark.parametrize("board", boards.ALL, ids=lambda board: board.slug)
def test_every_board_has_a_picture_and_every_panel(board: object) -> None:
    """Each panel under its title, with what it means."""
    page = PAGES[f"{boards_pages.FOLDER}/{board.slug}.md"]  # type: ignore[attr-defined]
    titles = re.findall(r"^### (.*)\n\n(\S)", page, re.MULTILINE)

    assert (ROOT / f"docs/images/{board.slug}.png").is_file()  # type: ignore[attr-defined]
    for section in board.sections:  # type: ignore[attr-defined]
        for chart in section.charts:
            if with_objectives(chart, Settings()):
                assert any(title.startswith(chart.title) for title, _ in titles)  # ", all models" may follow


def test_the_menu_has_every_page() -> None:
    """A generated page that no menu leads to would fail the site's build; so would one that is gone."""
    text = (ROOT / "tools/docs/mkdocs.yml").read_text()
    named = set(re.findall(r"(docs/(?:reference|boards)/\S+\.md)", text))

    assert set(PAGES) == named


def test_pages_do_not_depend_on_the_day() -> None:
    """Two builds give the same pages."""
    again: Mapping[str, str] = reference_pages(Settings(), main)

    assert PAGES == again
