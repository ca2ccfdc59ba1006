"""The README's commands run as they stand: in a copy of the repository, with a server where the README says one is."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.programs import ROOT, running_prometheus
from page_server import Answer, Server, running

README = (ROOT / "README.md").read_text()
# Not here: a live screen and a live stack end at Ctrl-C (tests/test_watch.py, tests/test_chain.py), and this is a test.
ENDLESS = ("--watch", "make up", "make test", "make docs-serve")
LINES = [
    line.split(" #")[0].rstrip()
    for block in re.findall(r"^```sh\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
]
COMMANDS = [line for line in LINES if not any(word in line for word in ENDLESS) and not line.startswith(". ")]
SETTINGS = next(block for block in re.findall(r"^```yaml\n(.*?)^```", README, re.DOTALL | re.MULTILINE))


@dataclass(frozen=True)
class Place:
    """A copy of the repository whose environment is the one that runs the tests, and where the servers listen."""

    folder: Path
    page: str
    prometheus: str

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        """A line as it stands; only the addresses of servers differ, since their ports are free ones."""
        told = line.replace("localhost:8000", self.page).replace("localhost:9090", self.prometheus)
        path = os.pathsep.join((str(self.folder / ".venv/bin"), os.environ["PATH"]))
        environment = {**os.environ, "PATH": path, "PYTHONPATH": f"{self.folder}/generator:{self.folder}/tools"}
        return subprocess.run(
            ["bash", "-euc", told],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def _script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The copy, a server of one page, and a Prometheus that has scraped nothing of it."""
    folder = tmp_path_factory.mktemp("readme") / "copy"
    left = shutil.ignore_patterns(".git", ".venv", ".tools", ".local", "node_modules", "tests", "images", ".*_cache")
    shutil.copytree(ROOT, folder, ignore=left)
    _script(folder / ".venv/bin/python", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    _script(folder / ".venv/bin/vllm-obs", f'#!/bin/sh\nexec "{sys.executable}" -m vllm_observability "$@"\n')
    for stamp in ("pyvenv.cfg", ".runtime", ".dev"):
        (folder / ".venv" / stamp).touch()
    (folder / "site.yaml").write_text(SETTINGS)
    server = Server()
    server.answers["/metrics"] = Answer((ROOT / "examples/vllm-0.32.0.txt").read_bytes())
    served = running(server)
    next(served)
    data = tmp_path_factory.mktemp("data")
    with running_prometheus(data) as prometheus:
        yield Place(folder, server.host, prometheus.url.removeprefix("http://"))
    next(served, None)


def test_all_kinds_are_here() -> None:
    """Reports, doctor, explain, build, simulate and make."""
    assert len(COMMANDS) >= 10
    assert len(LINES) - len(COMMANDS) <= 6


# This Prometheus is empty, and the command says so.
EXPECTED = {
    "vllm-obs review": (2, "it holds no engine of vLLM in this time"),
    "vllm-obs objectives": (2, "it holds nothing of vLLM in that time"),
    "--prometheus": (2, "it holds no series that begins with vllm:"),
}


@pytest.mark.parametrize("line", COMMANDS)
def test_it_runs_as_it_stands(place: Place, line: str) -> None:
    """Exit code 0 and no complaint, but where the server has nothing to report on."""
    done = place.run(line)
    code, said = next((value for word, value in EXPECTED.items() if word in line), (0, ""))

    assert code == done.returncode, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout or code == 2 or ">" in line
