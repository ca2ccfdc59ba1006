"""README, CONTRIBUTING and the help texts say what is so."""

from __future__ import annotations

import re
import textwrap

import click
import pytest
import yaml
from click.testing import CliRunner

from harness.programs import ROOT
from vllm_observability.catalog import slo
from vllm_observability.command.cli import main
from vllm_observability.settings import parse
from vllm_observability.simulate import story as stories

README = (ROOT / "README.md").read_text()
GUIDES = {path.relative_to(ROOT).as_posix(): path.read_text() for path in sorted((ROOT / "docs").glob("*.md"))}
WRITTEN = {"README.md": README, **GUIDES}
COMMANDS = sorted(main.commands)


def _blocks(text: str, *languages: str) -> list[str]:
    """Fenced blocks of some languages, also inside lists."""
    found = re.findall(r"^( *)```(\w*)\n(.*?)^\1```", text, re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(body) for _, named, body in found if named in languages]


def test_the_capture_is_what_the_command_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    """The beginning of a report shown in the guide is the present output for the bundled page, letter by letter."""
    monkeypatch.chdir(ROOT)
    printed = CliRunner().invoke(main, ["analyze", "examples/vllm-0.32.0.txt"]).output
    shown = next(block for block in _blocks(GUIDES["docs/report.md"], "") if block.startswith("vLLM report"))

    assert printed.startswith(shown.rstrip())
    assert len(shown.splitlines()) > 10


@pytest.mark.parametrize("name", ["README.md", "docs/slo.md"])
def test_the_settings_shown_are_taken(name: str) -> None:
    """The examples of a settings file are read without a complaint."""
    examples = [block for block in _blocks(WRITTEN[name], "yaml") if "objectives:" in block]

    assert examples
    for example in examples:
        assert parse(yaml.safe_load(example)).objectives


def test_every_command_line_shown_exists() -> None:
    """Each `vllm-obs` line of README and guides names a command and options that the command has."""
    lines = [
        line.split("#")[0].split()
        for text in WRITTEN.values()
        for block in _blocks(text, "sh", "bash")
        for line in block.replace("\\\n", " ").splitlines()
        if re.search(r"\bvllm-obs [a-z]", line.split("#")[0])
    ]
    assert len(lines) > 25
    for words in lines:
        command = main.commands[words[words.index("vllm-obs") + 1]]
        options = {name for param in command.params if isinstance(param, click.Option) for name in param.opts}
        assert set() == {word for word in words if word.startswith("--")} - options - {"--help"}, words


def test_the_readme_is_short() -> None:
    """What it is, a picture, two commands and where next stand on its first screen."""
    first = README.split("\n## ")[0]

    assert len(README.splitlines()) < 120
    assert len(first.splitlines()) < 30
    assert "![" in first
    assert "make run" in first


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_helps_with_examples(command: str) -> None:
    """Each command's help has examples and its exit codes; README or a guide shows the command."""
    said = CliRunner().invoke(main, [command, "--help"]).output

    assert "Examples:" in said
    assert "Exit codes:" in said
    assert any(f"vllm-obs {command}" in text for text in WRITTEN.values())


def test_every_make_target_named_exists() -> None:
    """README and CONTRIBUTING name only targets that the Makefile has."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    written = "\n".join((*WRITTEN.values(), (ROOT / "CONTRIBUTING.md").read_text()))
    typed = re.findall(r"`make ([a-z-]+)|^make ([a-z-]+)", written, re.MULTILINE)
    named = {word for pair in typed for word in pair if word}

    assert {"run", "test"} <= named
    assert set() == named - targets


@pytest.mark.parametrize("name", WRITTEN)
def test_every_file_linked_exists(name: str) -> None:
    """Relative links lead somewhere; the site's build follows those of every page, with their anchors."""
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)#][^)]*)\)", WRITTEN[name]) if "://" not in link]

    assert [] == [link for link in links if not ((ROOT / name).parent / link).exists()]


def test_the_guide_tells_every_pair_of_windows() -> None:
    """In their order: severity, share of the budget, hold; the long window, and the short one where there is one."""
    row = r"^\| (critical|warning).*? \| ([\d.]+) % in .*? \| (.*?) \| (\w+) \|$"
    rows = re.findall(row, GUIDES["docs/slo.md"], re.MULTILINE)
    spaced = [(severity, float(share) / 100, windows.replace(" ", ""), hold) for severity, share, windows, hold in rows]

    assert len(spaced) == len(slo.BURNS)
    told = {(severity, round(share, 6), hold) for severity, share, _, hold in spaced}
    assert {(burn.severity, burn.share, burn.hold) for burn in slo.BURNS} == told
    for burn in slo.BURNS:
        short = f"and{burn.short}" if burn.short != burn.long else ","
        assert any(w.replace("min", "m").startswith(f"{burn.long}{short}") for _, _, w, _ in spaced), burn


def test_the_number_of_stories_told_is_that_of_stories() -> None:
    """Where a guide counts the simulated incidents."""
    incidents = sum(not stories.load(name).healthy for name in stories.names())
    for name, said in (
        ("README.md", "{} simulated incidents"),
        ("docs/checked.md", "{} simulated incidents"),
        ("docs/rules.md", "plays {} incidents"),
    ):
        assert said.format(incidents) in (ROOT / name).read_text(), name
