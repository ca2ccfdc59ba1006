"""Imports point one way, as pyproject.toml says: catalogue, readers, renderers, and the command on top."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "generator/vllm_observability"
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()


def _picture(page: str) -> list[str]:
    """Lines of the picture of the rooms, without what is said of each; between two of them stands an arrow."""
    (block,) = re.findall(r"^```\n(command .*?)^```$", page, re.DOTALL | re.MULTILINE)
    lines = block.splitlines()
    assert {"   |"} == set(lines[1::2])
    return [re.split(r" {2,}", line)[0] for line in lines[::2]]


def test_the_picture_of_the_rooms_is_the_contract() -> None:
    """The same rooms in the same order as import-linter is told, and those that there are."""
    contract = (ROOT / "pyproject.toml").read_text().partition('name = "rooms:')[2]
    layers = re.findall(r'"(.+?)"', contract.partition("\nlayers = [")[2].partition("]")[0])
    drawn = {room for line in _picture(CONTRIBUTING) for room in line.split(" | ")}
    there = {path.parent.name for path in PACKAGE.glob("*/__init__.py")} | {path.stem for path in PACKAGE.glob("*.py")}

    assert layers == _picture(CONTRIBUTING)
    assert there - {"__init__", "__main__"} == drawn


def test_what_contributing_names_exists() -> None:
    """Files and folders, from the project's root, the package's, or the tests'."""
    named = set(re.findall(r"`((?:[\w.-]+/)+[\w.-]*)`", CONTRIBUTING))
    roots = (ROOT, PACKAGE, PACKAGE / "render/templates")
    assert len(named) > 25
    assert [] == sorted(name for name in named if not any((root / name).exists() for root in roots))


def _lint(root: Path, config: Path) -> subprocess.CompletedProcess[str]:
    code = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    return subprocess.run(
        [sys.executable, "-c", code, "--no-cache", "--config", str(config)],
        cwd=root,
        env={"PYTHONPATH": str(root / "generator"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_import_contracts_are_kept() -> None:
    """Every contract of pyproject.toml holds, and there are contracts."""
    done = _lint(ROOT, ROOT / "pyproject.toml")
    assert 0 == done.returncode, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def _copy(root: Path) -> Path:
    package = root / "generator" / "vllm_observability"
    shutil.copytree(ROOT / "generator" / "vllm_observability", package, ignore=shutil.ignore_patterns("__pycache__"))
    return package


def test_a_new_module_must_be_given_its_place(tmp_path: Path) -> None:
    """The layers are exhaustive: a module that no layer names breaks the contract instead of escaping it."""
    (_copy(tmp_path) / "newcomer.py").write_text("")
    done = _lint(tmp_path, ROOT / "pyproject.toml")
    assert 1 == done.returncode, done.stdout + done.stderr
    assert "newcomer" in done.stdout


def test_an_import_that_points_up_is_found(tmp_path: Path) -> None:
    """The check is not blind: model.py importing the command breaks it."""
    with (_copy(tmp_path) / "model.py").open("a") as file:
        file.write("\nfrom vllm_observability.command import cli\n")
    done = _lint(tmp_path, ROOT / "pyproject.toml")
    assert 1 == done.returncode, done.stdout + done.stderr
    assert "vllm_observability.model -> vllm_observability.command.cli" in done.stdout


def test_grafanalib_is_imported_by_render_alone(tmp_path: Path) -> None:
    """Leaving a nearly dormant library costs one package: another importer breaks the contract."""
    with (_copy(tmp_path) / "boards/panels.py").open("a") as file:
        file.write("\nimport grafanalib.core\n")
    done = _lint(tmp_path, ROOT / "pyproject.toml")
    assert 1 == done.returncode, done.stdout + done.stderr
    assert "grafanalib" in done.stdout
