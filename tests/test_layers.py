"""Imports point one way, as pyproject.toml says: catalogue below readers, readers below renderers, the command on top."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import tomllib

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


def test_a_new_module_must_be_given_its_place() -> None:
    """The layers are exhaustive: a module that no layer names breaks the contract instead of escaping it."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract for contract in contracts if contract["type"] == "layers")
    assert layers["exhaustive"] is True
    named = {word.strip("() ") for line in layers["layers"] for word in line.replace(":", "|").split("|")}
    files = (ROOT / "generator" / "vllm_observability").iterdir()
    modules = {path.stem for path in files if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert set() == modules - named - {"__init__", "__main__"}


def test_an_import_that_points_up_is_found(tmp_path: Path) -> None:
    """The check is not blind: model.py importing the command breaks it."""
    package = tmp_path / "generator" / "vllm_observability"
    package.mkdir(parents=True)
    for path in sorted((ROOT / "generator" / "vllm_observability").rglob("*.py")):
        copy = package / path.relative_to(ROOT / "generator" / "vllm_observability")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    (package / "model.py").write_text((package / "model.py").read_text() + "\nfrom vllm_observability import cli\n")
    done = _lint(tmp_path, ROOT / "pyproject.toml")
    assert 1 == done.returncode, done.stdout + done.stderr
    assert "vllm_observability.model -> vllm_observability.cli" in done.stdout
