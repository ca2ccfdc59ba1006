"""Redaction of compare and capacity: neither a report nor a refusal names a host, a file, a model or a selector."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from made_pages import START, write_pages
from page_server import Answer, Server, running
from test_redact import SECRET
from vllm_observability.command.cli import main


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sides whose folders, instances, model and configuration have telling names."""
    root = tmp_path_factory.mktemp("acme")
    for side, seed in (("s3cret-before", "a"), ("s3cret-after", "b")):
        write_pages(root / side, seed=seed, minutes=12, config={"cache_dtype": f"acme-{seed}"})
        for number in range(2):
            (root / side / f"chat-{number}:8000").rename(root / side / f"gpu-17-{number}")
    return root


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [*(str(a) for a in arguments), "--redact"])


@pytest.mark.parametrize("form", ["text", "markdown", "html", "json"])
def test_a_report_names_nobody(form: str, sides: Path) -> None:
    """The same verdict with words in the place of names."""
    done = _run("compare", sides / "s3cret-before", sides / "s3cret-after", "--format", form)
    assert done.exit_code in (0, 1, 3), done.stderr
    assert [] == SECRET.findall(done.output)
    if form == "json":
        assert {"cache_dtype"} == {
            c["name"] for c in json.loads(done.stdout)["changes"] if "configuration" in c.values()
        }
    done = _run("capacity", sides / "s3cret-before", "--max-num-seqs", 256, "--format", form)
    assert done.exit_code in (0, 3), done.stderr
    assert [] == SECRET.findall(done.output)


def _missing(_: Path) -> None:
    """The folder is not there."""


def _empty(folder: Path) -> None:
    folder.mkdir()


def _one_page(folder: Path) -> None:
    (folder / "gpu-17").mkdir(parents=True)
    (folder / "gpu-17" / "acme.txt").write_text("vllm:num_requests_running 1\n")


def _copied_together(folder: Path) -> None:
    _one_page(folder)
    (folder / "gpu-17" / "merger.txt").write_text("vllm:num_requests_running 1\n")
    for path in (folder / "gpu-17").iterdir():
        os.utime(path, (START, START))


def _garbage(folder: Path) -> None:
    _one_page(folder)
    for name in ("acme.txt", "merger.txt"):
        (folder / "gpu-17" / name).write_text("s3cret merger\n")
    os.utime(folder / "gpu-17" / "acme.txt", (START, START))


def _not_vllm(folder: Path) -> None:
    _garbage(folder)
    for path in (folder / "gpu-17").iterdir():
        path.write_text("acme_total 1\n")
        os.utime(path, (START + len(path.name), START + len(path.name)))


def _folder_as_a_page(folder: Path) -> None:
    _one_page(folder)
    (folder / "gpu-17" / "acme.txt").unlink()
    os.symlink("/proc/self/mem", folder / "gpu-17" / "1767225600.txt")
    os.symlink("/proc/self/mem", folder / "gpu-17" / "1767225615.txt")


def _restarted(folder: Path) -> None:
    write_pages(folder, minutes=2, engines=1)
    last = max((folder / "chat-0:8000").iterdir())
    shutil.copy(min((folder / "chat-0:8000").iterdir()), last)
    (folder / "chat-0:8000").rename(folder / "gpu-17")


def _other_clock(folder: Path) -> None:
    write_pages(folder, minutes=2, engines=2)
    for path in sorted((folder / "chat-0:8000").iterdir()):
        path.rename(path.with_name(f"{float(path.stem) + 1e5:.0f}.txt"))
    (folder / "chat-0:8000").rename(folder / "gpu-17")


@pytest.mark.parametrize(
    "spoiled",
    [_missing, _empty, _one_page, _copied_together, _garbage, _not_vllm, _folder_as_a_page, _restarted, _other_clock],
)
def test_a_refused_folder_names_nobody(spoiled, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """Each way in which a folder can't be used, both commands."""
    folder = tmp_path / "s3cret-acme"
    spoiled(folder)
    for command in (["capacity", folder], ["compare", folder, folder]):
        done = _run(*command)
        assert done.exit_code == 2, done.output
        assert [] == SECRET.findall(done.output)
        assert str(tmp_path) not in done.output


@pytest.fixture
def server() -> Iterator[Server]:
    yield from running(Server())


VECTOR = b'{"status":"success","data":{"resultType":"vector","result":[]}}'
SCALAR = b'{"status":"success","data":{"resultType":"scalar","result":[1767225600,"1767225600"]}}'


@pytest.mark.parametrize(
    "answer",
    [
        Answer(SCALAR),
        Answer(VECTOR),
        Answer(b"merger"),
        Answer(b'{"status":"error","error":"acme has no s3cret"}', 422),
        Answer(b'{"status":"error","error":"acme is down"}', 503),
        Answer(b"acme", 401),
    ],
)
def test_a_server_that_refuses_is_not_named(server: Server, answer: Answer) -> None:
    """Neither its address nor its words nor the selector."""
    server.answers["/merger/api/v1/query"] = answer
    address = f"http://{server.host}/merger"
    span = ("2026-01-01T00:00Z/2026-01-01T00:30Z", "2026-01-01T01:00Z/2026-01-01T01:30Z")
    selector = ("--selector", 'namespace="acme"', "--timeout", "2")
    for command in (
        ["capacity", "--prometheus", address, *selector],
        ["compare", "--prometheus", address, "--before", span[0], "--after", span[1], *selector],
        ["compare", "--prometheus", address, "--a", 'x="acme"', "--b", 'x="merger"', "--timeout", "2"],
    ):
        done = _run(*command)
        assert done.exit_code == 2, done.output
        assert [] == SECRET.findall(done.output)
        assert "127.0.0.1" not in done.output


def test_settings_that_cant_be_read_are_not_named(sides: Path) -> None:
    """As with analyze: the file and what is in it."""
    for command in (
        ["capacity", sides / "s3cret-before"],
        ["compare", sides / "s3cret-before", sides / "s3cret-after"],
    ):
        done = _run(*command, "--settings", "/acme/merger.yaml")
        assert done.exit_code == 2
        assert [] == SECRET.findall(done.output)
