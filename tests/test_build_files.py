"""What a build does to a folder: it replaces and removes what it wrote itself, and loses nothing that others wrote."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from built import built_once
from vllm_observability.build.files import MANIFEST, NotOurs, Written, write
from vllm_observability.command.cli import main


def _run(*arguments: str | Path) -> Result:
    done = CliRunner().invoke(main, [str(a) for a in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


@pytest.fixture(autouse=True, scope="module")
def _once() -> Iterator[None]:
    with built_once():
        yield


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built bundle; tests that change it take a copy."""
    out = tmp_path_factory.mktemp("bundle")
    assert 0 == _run("build", "--out", out).exit_code
    return out


# Somebody's own, made from an emitted file: the next build must not know them by their names or by what they hold.
COPIES = {
    "dashboards/vllm-overview-ours.json": "dashboards/vllm-overview.json",
    "dashboards/fleet/vllm-overview-ours.json": "dashboards/fleet/vllm-overview.json",
    "alerts/vllm-ours.yaml": "alerts/vllm-alerts.yaml",
    "alerts/runbooks/VllmOurs.md": "alerts/runbooks/VllmTargetDown.md",
    "deploy/alertmanager/alertmanager.ours.yml": "deploy/alertmanager/alertmanager.yml",
    "deploy/compose/prometheus/prometheus.ours.yml": "deploy/compose/prometheus/prometheus.yml",
    "deploy/prometheus/vllm-ours.yaml": "deploy/prometheus/vllm-scrape.yaml",
    "deploy/kustomize/base/ours.yaml": "deploy/kustomize/base/alerts.yaml",
    "deploy/helm/vllm-observability/templates/ours.yaml": "deploy/helm/vllm-observability/templates/rules.yaml",
    "deploy/mixin/ours.libsonnet": "deploy/mixin/config.libsonnet",
}


def test_a_build_leaves_what_it_did_not_write(bundle: Path, tmp_path: Path) -> None:
    """Copies of emitted files under other names, beside each kind of them."""
    out = tmp_path / "bundle"
    shutil.copytree(bundle, out)
    for copy, of in COPIES.items():
        shutil.copy(out / of, out / copy)
    assert 0 == _run("build", "--check", "--out", out).exit_code
    done = _run("build", "--out", out)

    assert (0, "") == (done.exit_code, done.stderr)
    assert done.stdout.endswith(", 0 changed.\n")
    assert [] == [copy for copy, of in COPIES.items() if (out / copy).read_bytes() != (bundle / of).read_bytes()]


def test_an_edited_file_is_not_lost(bundle: Path, tmp_path: Path) -> None:
    """Its copy is named, a second edit does not replace the first copy, and one that was there before counts too."""
    out = tmp_path / "bundle"
    shutil.copytree(bundle, out)
    name = "deploy/alertmanager/alertmanager.yml"
    for number, text in ((1, "first\n"), (2, "second\n")):
        (out / name).write_text(text)
        done = _run("build", "--out", out)
        copy = out / (f".vllm-obs-edited/{name}" + ("" if number == 1 else ".2"))
        assert f"{name} was edited or not written by a build: a copy is in {copy}\n" == done.stderr
        assert text == copy.read_text()
        assert (bundle / name).read_bytes() == (out / name).read_bytes()
    assert "first\n" == (out / f".vllm-obs-edited/{name}").read_text()

    fresh = tmp_path / "fresh"
    (fresh / "dashboards").mkdir(parents=True)
    (fresh / "dashboards/vllm-slo.json").write_text("ours\n")
    assert "dashboards/vllm-slo.json was edited or not written" in _run("build", "--out", fresh).stderr
    assert "ours\n" == (fresh / ".vllm-obs-edited/dashboards/vllm-slo.json").read_text()


def test_a_leftover_that_was_edited_stays_until_somebody_removes_it(tmp_path: Path) -> None:
    """An untouched one goes; the edited one is named at every build."""
    files = {"a/one.yaml": "1\n", "a/two.yaml": "2\n", "a/three.yaml": "3\n"}
    assert (3, {}, ()) == _did(write(tmp_path, files))
    (tmp_path / "a/two.yaml").write_text("ours\n")
    for changed in (1, 0):
        assert (changed, {}, ("a/two.yaml",)) == _did(write(tmp_path, {"a/three.yaml": "3\n"}))
        assert ["three.yaml", "two.yaml"] == sorted(path.name for path in (tmp_path / "a").iterdir())


def _did(written: Written) -> tuple[int, dict[str, str], tuple[str, ...]]:
    return written.changed, dict(written.kept), written.left


@pytest.mark.parametrize("link", ["a", "a/one.yaml", MANIFEST, ".vllm-obs-edited"])
def test_no_link_is_followed(tmp_path: Path, link: str) -> None:
    """A link in the place of a folder, a file or the manifest: nothing is written, inside or outside."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "one.yaml").write_text("theirs\n")
    out = tmp_path / "out"
    (out / link).parent.mkdir(parents=True)
    target = outside / "one.yaml" if "." in link.strip(".") or link == MANIFEST else outside
    (out / link).symlink_to(target)

    with pytest.raises(NotOurs, match=f"{out / link} is a symbolic link"):
        write(out, {"a/one.yaml": "1\n"})
    assert ["one.yaml"] == [path.name for path in outside.iterdir()]
    assert "theirs\n" == (outside / "one.yaml").read_text()


def test_a_manifest_leads_nowhere_else(tmp_path: Path) -> None:
    """Whatever somebody wrote into it, nothing above the bundle is removed."""
    victim = tmp_path / "victim"
    victim.write_text("1\n")
    digest = hashlib.sha256(b"1\n").hexdigest()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / MANIFEST).write_text(f"{digest}  ../victim\n{digest}  {victim}\nnonsense\n\xff\n")
    write(tmp_path / "out", {"a.yaml": "1\n"})

    assert victim.exists()


def test_a_build_that_is_cut_off_loses_nothing_and_calls_nothing_edited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full after the first file: each file is the old one or the new one, and the next build goes on."""
    write(tmp_path, {"a.yaml": "1\n", "b.yaml": "1\n"})
    real, asked = os.replace, []

    def full(source: str, target: Path) -> None:
        asked.append(target)
        if len(asked) > 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
        real(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write(tmp_path, {"a.yaml": "2\n", "b.yaml": "2\n"})
    monkeypatch.undo()

    assert ("2\n", "1\n") == tuple((tmp_path / name).read_text() for name in ("a.yaml", "b.yaml"))
    assert {"a.yaml", "b.yaml", MANIFEST} == {path.name for path in tmp_path.iterdir()}
    assert (1, {}, ()) == _did(write(tmp_path, {"a.yaml": "2\n", "b.yaml": "2\n"}))


def test_the_default_place_is_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's project is not filled with ours; in a bundle the bundle itself is meant."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "alerts").mkdir()
    assert 0 == _run("build").exit_code
    assert {"alerts", "vllm-observability-bundle"} == {path.name for path in tmp_path.iterdir()}
    assert [] == list((tmp_path / "alerts").iterdir())
    monkeypatch.chdir(tmp_path / "vllm-observability-bundle")
    assert 0 == _run("build", "--check").exit_code


@pytest.mark.parametrize("place", [MANIFEST, "alerts/vllm-alerts.yaml", "alerts"])
def test_what_stands_in_the_way_is_named(place: str, tmp_path: Path) -> None:
    """A folder where a file goes, or a file where a folder does: its own name, not that of a file on its way there."""
    if place == "alerts":
        (tmp_path / place).write_text("mine\n")
    else:
        (tmp_path / place / "mine").mkdir(parents=True)
    done = CliRunner().invoke(main, ["build", "--out", str(tmp_path)])

    assert 2 == done.exit_code
    assert f"{tmp_path / place} can't be written" in done.output
    assert [] == list(tmp_path.rglob("*.tmp"))
    assert (tmp_path / place).is_file() == (place == "alerts")
