"""The package as an index shows it: addresses that stand alone, and no file that is not needed."""

from __future__ import annotations

import email
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from harness.programs import ROOT
from package_metadata import addresses, described
from vllm_observability import HOME, __version__


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheel and source archive, built as a release builds them."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


def test_the_index_page_stands_alone(dist: Path) -> None:
    """Every image and link leads to a file of this version, none to a place beside the page."""
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith("METADATA"))
        metadata = email.message_from_bytes(archive.read(name))
    text = str(metadata.get_payload())
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    ours = [link for link in links if link.startswith(HOME)]
    assert [] == [link for link in links if not link.startswith(("https://", "http://", "#"))]
    assert len(ours) > 20
    for link in ours:
        assert (ROOT / link.split(f"/v{__version__}/")[1].partition("#")[0]).exists(), link
    assert any(link.startswith(f"{HOME}/raw/v{__version__}/docs/images/") for link in ours)
    listed = dict(line.split(", ", 1) for line in metadata.get_all("Project-URL", []))
    assert listed == addresses(HOME, __version__)
    assert "text/markdown" == metadata["Description-Content-Type"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("![a](docs/a.png)", "![a](https://h/raw/v1/docs/a.png)"),
        ("[a](docs/a.md#b)", "[a](https://h/blob/v1/docs/a.md#b)"),
        ("[a](docs/a.png)", "[a](https://h/raw/v1/docs/a.png)"),
        ("[a](https://x/y) [b](#c)", "[a](https://x/y) [b](#c)"),
    ],
)
def test_addresses_are_made_whole(text: str, expected: str) -> None:
    """Pictures raw, pages as they are shown, others as they were."""
    assert expected == described(text, "https://h", "1")


def test_the_archive_builds_again(dist: Path, tmp_path: Path) -> None:
    """The source archive has what its own build asks for."""
    (archive,) = dist.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path, filter="data")
    (root,) = tmp_path.iterdir()
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "again")]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    first, again = (zipfile.ZipFile(next(place.glob("*.whl"))).namelist() for place in (dist, tmp_path / "again"))
    assert sorted(first) == sorted(again)
