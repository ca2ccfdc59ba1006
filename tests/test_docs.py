"""README, CONTRIBUTING and the help texts say what is so."""

from __future__ import annotations

import re

import click
import pytest
import yaml
from click.testing import CliRunner

from harness.programs import ROOT
from vllm_observability.command.cli import main
from vllm_observability.settings import parse

README = (ROOT / "README.md").read_text()
COMMANDS = sorted(main.commands)


def _blocks(language: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    return [text for named, text in found if named == language]


def test_the_capture_is_what_the_command_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    """The report shown in the README is the present output for the bundled page, letter by letter."""
    monkeypatch.chdir(ROOT)
    printed = CliRunner().invoke(main, ["analyze", "examples/vllm-0.32.0.txt"]).output
    shown = next(block for block in _blocks("") if block.startswith("vLLM report"))

    assert shown.rstrip() == printed[: printed.index("\nContext")].rstrip()


def test_the_settings_shown_are_taken() -> None:
    """The example of a settings file is read without a complaint."""
    example = next(block for block in _blocks("yaml") if "metric_prefixes" in block)

    assert parse(yaml.safe_load(example)).models


def test_every_command_line_shown_exists() -> None:
    """Each `vllm-obs` line of the README names a command and options that the command has."""
    lines = [line.split("#")[0].split() for block in _blocks("sh") for line in block.splitlines() if "vllm-obs" in line]
    assert len(lines) > 5
    for words in lines:
        command = main.commands[words[words.index("vllm-obs") + 1]]
        options = {name for param in command.params if isinstance(param, click.Option) for name in param.opts}
        assert set() == {word for word in words if word.startswith("--")} - options - {"--help"}, words


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_helps_with_examples(command: str) -> None:
    """Each command's help has examples and its exit codes; the README names the command."""
    said = CliRunner().invoke(main, [command, "--help"]).output

    assert "Examples:" in said
    assert "Exit codes:" in said
    assert f"vllm-obs {command}" in README


def test_every_make_target_named_exists() -> None:
    """README and CONTRIBUTING name only targets that the Makefile has."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        word
        for text in (README, (ROOT / "CONTRIBUTING.md").read_text())
        for word in re.findall(r"make ([a-z-]+)", text)
    }

    assert {"run", "test"} <= named
    assert set() == named - targets


def test_every_file_linked_exists() -> None:
    """Relative links of the README lead somewhere."""
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]

    assert links
    assert [] == [link for link in links if not (ROOT / link).exists()]
