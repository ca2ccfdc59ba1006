"""Imports point one way, as pyproject.toml says: catalogue, readers, renderers, and the command on top."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


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
