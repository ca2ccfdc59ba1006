"""The command: exit codes, sources, and one plain sentence for whatever can't be used."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from built import built_once
from recordings import DATA, PAGES
from vllm_observability import __version__
from vllm_observability.build.files import MANIFEST
from vllm_observability.command.cli import main

AFTER = PAGES / "vllm-0.32.0" / "after.txt"  # its gravest finding is critical
FRESH = PAGES / "vllm-0.32.0" / "fresh.txt"  # has none
REFERENCE = DATA / "oddities" / "00-reference.txt"  # has none either
TRUNCATED = DATA / "oddities" / "17-two-models-lora.txt"  # its gravest finding is information
SERIES = PAGES / "vllm-0.32.0" / "series"


def _run(*arguments: str | Path, given: bytes | None = None) -> Result:
    done = CliRunner().invoke(main, [str(a) for a in arguments], input=given)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def _refused(*arguments: str | Path, given: bytes | None = None) -> str:
    """What the command says of input that it can't use: exit 2, nothing on standard output, and the last line."""
    done = _run(*arguments, given=given)
    assert 2 == done.exit_code
    assert "" == done.stdout
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("Error: ")
    return last.removeprefix("Error: ")


# --------------------------------------------------------------------------------- options without a meaning

OF_A_PROMETHEUS = [
    (name, option)
    for name, command in sorted(main.commands.items())
    for option in command.params
    if isinstance(option, click.Option) and "--prometheus only" in (option.help or "")
]


@pytest.mark.parametrize(("name", "option"), OF_A_PROMETHEUS, ids=lambda each: getattr(each, "name", each))
def test_what_only_a_prometheus_can_answer_is_refused_without_one(name: str, option: click.Option) -> None:
    """Never ignored: a report on totals that was asked for an hour would be read as that hour's."""
    value = {"since": "1h", "watch": "5", "before": "1/2", "after": "1/2"}.get(option.name or "", 'job="a"')
    sources = (SERIES, SERIES) if name == "compare" else (SERIES,)
    said = _refused(name, *sources, option.opts[0], value)
    assert "--prometheus" in said
    assert option.opts[0] in said


def test_there_are_such_options() -> None:
    """In each command that reads pages as well."""
    assert {"analyze", "capacity", "compare", "objectives"} == {name for name, _ in OF_A_PROMETHEUS}


# ------------------------------------------------------------------------------------------- exit codes


@pytest.mark.parametrize(
    ("expected", "page", "fail_on"),
    [
        (0, AFTER, None),  # findings alone are no failure
        (1, AFTER, "info"),
        (1, AFTER, "warning"),
        (1, AFTER, "critical"),
        (1, TRUNCATED, "info"),
        (0, TRUNCATED, "warning"),
        (0, FRESH, "info"),
        (0, REFERENCE, "info"),
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_fail_on_turns_findings_into_exit_1(expected: int, page: Path, fail_on: str | None, form: str) -> None:
    """Exit 1 from the named severity upwards, and the report is printed all the same."""
    options = ["--fail-on", fail_on] if fail_on else []
    done = _run("analyze", page, "--format", form, *options)
    assert expected == done.exit_code
    assert "" == done.stderr
    assert len(done.stdout) > 1000


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["analyze"], "give a SOURCE, or --prometheus URL"),
        (["analyze", "a", "b", "c"], "give one source, or an earlier and a later one"),
        (["analyze", "-", "-"], "standard input can be only one of the two sources"),
        (["analyze", "x", "--bogus"], "No such option '--bogus'."),
        (["analyze", "x", "--fail-on", "ok"], "'ok' is not one of 'info', 'warning', 'critical'."),
        (["analyze", "x", "--format", "xml"], "'xml' is not one of 'text', 'markdown', 'html', 'json'"),
        (["analyze", "x", "--gap", "0"], "0.0 is not in the range x>0."),
        (["analyze", "x", "--gap", "soon"], "'soon' is not a valid float"),
        (["analyze", "x", "--timeout", "-1"], "-1.0 is not in the range x>0."),
        (["analyze", "x", "--header", "no colon"], "must be of the form 'Name: value'"),
        (["bogus"], "No such command 'bogus'."),
        (["--bogus"], "No such option '--bogus'."),
    ],
)
def test_bad_usage_is_exit_2(arguments: list[str], expected: str) -> None:
    """Usage, then one line that names the option and what it takes."""
    assert expected in _refused(*arguments)


@pytest.mark.parametrize(
    "arguments", [[], *([name] for name in sorted(main.commands))], ids=lambda words: " ".join(words) or "main"
)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_has_examples_and_fits_a_terminal(arguments: list[str], option: str) -> None:
    """Every command shows at least two ways to call it, within 100 columns, and the exit codes where it has any."""
    done = _run(*arguments, option)
    assert 0 == done.exit_code
    assert len(re.findall(r"^ +(?:curl .* \| )?vllm-obs \w+", done.stdout, re.M)) >= 2
    assert max(len(line) for line in done.stdout.splitlines()) <= 100
    assert ("Exit codes: 0" in done.stdout) == bool(arguments)


def test_the_version_is_the_packages() -> None:
    """As `vllm-obs, version 0.1.0`."""
    done = _run("--version")
    assert f"vllm-obs, version {__version__}\n" == done.stdout
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)


# ---------------------------------------------------------------------------------------------- sources


def test_standard_input_is_a_source() -> None:
    """`curl | vllm-obs analyze -` says what the file says; only the name differs."""
    piped = _run("analyze", "-", "--format", "json", given=AFTER.read_bytes())
    named = _run("analyze", AFTER, "--format", "json")
    a, b = json.loads(piped.stdout), json.loads(named.stdout)
    assert "standard input" == a["source"].pop("name")
    assert str(AFTER) == b["source"].pop("name")
    assert a == b


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (b"", "the page is empty"),
        (b"\n\n\n", "the page is empty"),
        (b"\x00\x01\x02\xff\xfe" * 500, "binary data"),
        (b"\x1f\x8b\x08\x00" + b"\xff" * 99, "gzip"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "HTML"),
        (b'{"object":"list","data":[]}', "JSON"),
        (b"hello world\n", "is a metric; "),
        (b"node_load1 0.5\n", "no vLLM metrics; this page looks like node_exporter"),
        (b"sglang:num_running_reqs 1\n", "no vLLM metrics; this page looks like SGLang"),
        (b"go_goroutines 5\n", "no vLLM metrics. Check the port and the path"),
        (b"# TYPE vllm:num_requests_running gauge\n", "declared, but have no sample"),
        (b"process_cpu_seconds_total 3\npython_info 1\n", "no vLLM metrics, only a Python process"),
        ((PAGES / "vllm-0.32.0-nostats" / "after.txt").read_bytes(), "start vLLM without --disable-log-stats"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else None,
)
def test_what_is_no_page_of_vllm_is_named(given: bytes, expected: str) -> None:
    """Exit 2 and a sentence that says what it is instead, and what to do."""
    assert expected in _refused("analyze", "-", given=given)


def test_a_file_that_can_not_be_read(tmp_path: Path) -> None:
    """Missing, or a directory: named, in the system's words."""
    missing = tmp_path / "none.txt"
    assert f"{missing} can't be read: No such file or directory" == _refused("analyze", missing)
    assert f"{tmp_path} has no files; give a directory with pages of /metrics" == _refused("analyze", tmp_path)
    assert f"{missing} can't be read: No such file or directory" == _refused("analyze", AFTER, missing)


def test_a_directory_of_copied_pages_needs_numbers_in_its_names(tmp_path: Path) -> None:
    """Copies have one date: names tell which is earlier by their numbers (9 before 10), or the choice is the user's."""
    before, after = ((DATA / f"oddities/2{n}.txt").read_bytes() for n in ("1-pair-before", "2-pair-after"))
    for name, page in (("page-10", after), ("page-9", before)):
        (tmp_path / f"{name}.txt").write_bytes(page)
        os.utime(tmp_path / f"{name}.txt", (1_800_000_000, 1_800_000_000))
    done = _run("analyze", tmp_path, "--gap", "60", "--format", "json")
    assert 0 == done.exit_code, done.stderr
    expected = _run("analyze", tmp_path / "page-9.txt", tmp_path / "page-10.txt", "--gap", "60", "--format", "json")
    assert json.loads(expected.stdout)["figures"] == json.loads(done.stdout)["figures"]

    (tmp_path / "page-9.txt").rename(tmp_path / "before.txt")
    assert "have the same date: name an earlier and a later one" in _refused("analyze", tmp_path)


def test_limits_of_the_settings_are_obeyed(tmp_path: Path) -> None:
    """A page over the site's own limit is refused with the name of the limit."""
    (tmp_path / "site.yaml").write_text("limits: {series: 100}")
    assert "limits.series" in _refused("analyze", AFTER, "--settings", tmp_path / "site.yaml")


def test_settings_change_the_verdict(tmp_path: Path) -> None:
    """With bounds that this server keeps, --fail-on critical passes."""
    (tmp_path / "site.yaml").write_text(
        "thresholds: {ttft: {warning: 100, critical: 200}, queue_time: {critical: 100}, preemptions: {critical: 0.9}}"
    )
    assert 0 == _run("analyze", AFTER, "--fail-on", "critical", "--settings", tmp_path / "site.yaml").exit_code


def test_broken_settings_are_exit_2(tmp_path: Path) -> None:
    """Both commands say the same one line."""
    site = tmp_path / "site.yaml"
    site.write_text("rate_windw: 5m")
    for command in (["analyze", str(AFTER)], ["build", "--out", str(tmp_path)]):
        assert f"{site}: rate_windw: no such setting; known here: " in _refused(*command, "--settings", site)


# ------------------------------------------------------------------------------------------------ pairs


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Two pages of one server, dated 14.5 s apart."""
    paths = tmp_path / "earlier.txt", tmp_path / "later.txt"
    for path, source, time in zip(paths, ("08", "11"), (1795577470.0, 1795577484.5), strict=True):
        shutil.copy(SERIES / f"{source}.txt", path)
        os.utime(path, (time, time))
    return paths


def _source(*arguments: str | Path) -> dict[str, object]:
    done = _run("analyze", *arguments, "--format", "json")
    assert 0 == done.exit_code, done.stderr
    return dict(json.loads(done.stdout)["source"])


def test_the_gap_comes_from_the_files_dates(pair: tuple[Path, Path]) -> None:
    """A pair without timestamps is as far apart as the files' dates."""
    assert {"kind": "pair", "window_seconds": 14.5} == {
        k: v for k, v in _source(*pair).items() if k in ("kind", "window_seconds")
    }


def test_a_given_gap_wins(pair: tuple[Path, Path]) -> None:
    """--gap is what the user knows better, also where the dates are the wrong way round."""
    assert 10.0 == _source(*pair, "--gap", "10")["window_seconds"]
    for path, time in zip(pair, (1795577484.5, 1795577470.0), strict=True):
        os.utime(path, (time, time))
    assert 10.0 == _source(*pair, "--gap", "10")["window_seconds"]


def test_pages_of_one_process_in_the_wrong_order_are_no_restart(pair: tuple[Path, Path]) -> None:
    """Counters fell, but the process is the same: --gap doesn't help, and the report would be of a restart."""
    assert "the second page counts less than the first one of the same process: give the earlier first" == _refused(
        "analyze", *reversed(pair), "--gap", "10"
    )


@pytest.mark.parametrize("words", [("--gap", "5"), ("--model", "acme/.*"), ("--selector", 'job="a"')])
def test_what_can_not_apply_to_one_page_is_refused(words: tuple[str, ...]) -> None:
    """An option that is ignored would be believed."""
    assert words[0] in _refused("analyze", SERIES / "08.txt", *words)


def test_the_later_page_first_is_refused(pair: tuple[Path, Path]) -> None:
    """The wrong order would read as a restart; it is said instead."""
    assert "the second page is older than the first: give the earlier one first, or --gap SECONDS" == _refused(
        "analyze", *reversed(pair)
    )


def test_files_copied_together_have_no_gap(pair: tuple[Path, Path]) -> None:
    """Dates milliseconds apart are those of a copy or a checkout: rates of thousands a second would be nonsense."""
    for path, time in zip(pair, (1795577470.9, 1795577470.0), strict=True):
        os.utime(path, (time, time))
    assert _source(*pair)["window_seconds"] is None


def test_timestamps_on_the_page_beat_the_files_dates(tmp_path: Path) -> None:
    """The samples' own times say 60 s, whatever the files say."""
    pages = [shutil.copy(DATA / "oddities" / name, tmp_path) for name in ("21-pair-before.txt", "22-pair-after.txt")]
    for page in pages:
        os.utime(page, (1, 1))
    assert 60.0 == _source(*pages)["window_seconds"]


# ------------------------------------------------------------------------------------------------ build


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


def test_a_fresh_bundle_checks_and_builds_to_itself(bundle: Path) -> None:
    """Right after a build nothing differs, and a second build changes nothing."""
    checked = _run("build", "--check", "--out", bundle)
    assert 0 == checked.exit_code
    assert re.fullmatch(r"\d+ files are fresh\.\n", checked.stdout)
    assert _run("build", "--out", bundle).stdout.endswith(", 0 changed.\n")


def test_check_names_what_differs_and_writes_nothing(bundle: Path, tmp_path: Path) -> None:
    """Hand-edited, missing and stray files are each named, with the command that fixes them; the build then does."""
    out = tmp_path / "bundle"
    shutil.copytree(bundle, out)
    alerts, recording = out / "alerts" / "vllm-alerts.yaml", out / "alerts" / "vllm-recording-rules.yaml"
    alerts.write_text(alerts.read_text().replace("severity: warning", "severity: page", 1))
    recording.unlink()
    (out / "alerts" / "vllm-old.yaml").write_text("groups: []\n")
    with (out / MANIFEST).open("a") as manifest:  # as an earlier build left it
        manifest.write(f"{hashlib.sha256(b'groups: []' + bytes([10])).hexdigest()}  alerts/vllm-old.yaml\n")
    own = [out / "alerts" / "node.yaml", out / "dashboards" / "vllm-mine.json", out / "alerts/runbooks/notes.md"]
    for path in own:
        path.write_text("{}\n")
    (out / "alerts" / "notes.txt").write_text("mine\n")
    before = {path: path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}
    done = _run("build", "--check", "--out", out)
    assert 1 == done.exit_code
    lines = done.stderr.splitlines()
    assert "edited since the last build: alerts/vllm-alerts.yaml" in lines
    assert "-          severity: page" in lines
    assert "+          severity: warning" in lines
    assert "missing: alerts/vllm-recording-rules.yaml" in lines
    assert "stray: alerts/vllm-old.yaml" in lines
    assert 1 == sum(line.startswith("stray: ") for line in lines)
    assert "notes.txt" not in done.stderr
    assert f"To fix: vllm-obs build --out {out}" == lines[-1]
    assert before == {path: path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}
    assert _run("build", "--out", out).stdout.endswith(", 3 changed.\n")
    assert 0 == _run("build", "--check", "--out", out).exit_code
    assert "mine\n" == (out / "alerts" / "notes.txt").read_text()
    assert all(path.exists() for path in own)  # a file of somebody else's is no leftover of ours


def test_check_of_nothing_is_a_difference(tmp_path: Path) -> None:
    """An empty directory lacks every file, and so does one that is not there."""
    for out in (tmp_path, tmp_path / "none"):
        done = _run("build", "--check", "--out", out)
        assert 1 == done.exit_code
        assert "missing: alerts/vllm-alerts.yaml" in done.stderr
    assert [] == list(tmp_path.iterdir())


def test_other_settings_are_a_difference_and_stay_in_the_fixing_command(bundle: Path, tmp_path: Path) -> None:
    """The check of a site's own bundle names its settings file, or the advice would undo the site's choices."""
    (tmp_path / "site.yaml").write_text("rate_window: 3m")
    done = _run("build", "--check", "--out", bundle, "--settings", tmp_path / "site.yaml")
    assert 1 == done.exit_code
    assert f"To fix: vllm-obs build --out {bundle} --settings {tmp_path / 'site.yaml'}" in done.stderr


def test_a_place_that_can_not_be_written(tmp_path: Path) -> None:
    """A file where a directory should be: exit 2 and its name."""
    (tmp_path / "alerts").write_text("in the way")
    said = _refused("build", "--out", tmp_path)
    assert f"{tmp_path / 'alerts'}" in said
    assert f"can't be written: {os.strerror(errno.EEXIST)}" in said or os.strerror(errno.ENOTDIR) in said
    assert "is a file." in _refused("build", "--out", tmp_path / "alerts")


# ------------------------------------------------------------------------------------ the installed command


def _command(*arguments: str | Path, module: bool = False, **options: object) -> subprocess.CompletedProcess[bytes]:
    script = [str(Path(sys.executable).with_name("vllm-obs"))]
    call = [sys.executable, "-m", "vllm_observability"] if module else script
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        [*call, *arguments], check=False, timeout=60, stderr=subprocess.PIPE, **options
    )


@pytest.mark.parametrize("module", [False, True], ids=["vllm-obs", "python -m"])
def test_the_installed_command_reports(module: bool) -> None:
    """The console script and the module give the same plain text, without colour where it is no terminal."""
    done = _command("analyze", AFTER, module=module, stdout=subprocess.PIPE)
    assert (0, b"") == (done.returncode, done.stderr)
    assert done.stdout.startswith(b"vLLM report: ")
    assert b"\x1b" not in done.stdout


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_reader_that_leaves_early_is_no_error(form: str) -> None:
    """As with `| head -1`: no traceback, no complaint."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = _command("analyze", AFTER, "--format", form, module=True, stdout=writer)
    finally:
        os.close(writer)
    assert b"" == done.stderr


def test_a_full_disk_is_said() -> None:
    """What can't be written is exit 2 and a sentence, not exit 1, which means findings."""
    full = Path("/dev/full")
    assert full.exists(), "this test needs Linux"
    with full.open("wb") as out:
        done = _command("analyze", AFTER, module=True, stdout=out)
    assert (2, b"Error: the report can't be written: No space left on device\n") == (done.returncode, done.stderr)


def test_closed_streams_are_no_traceback() -> None:
    """Started without standard input or output, as some supervisors do."""
    for words, stream, code in (("analyze -", "<&-", 2), (f"analyze {AFTER}", ">&-", 0)):
        line = f"{sys.executable} -m vllm_observability {words} {stream}"
        done = subprocess.run(["sh", "-c", line], capture_output=True, check=False, timeout=60)
        assert code == done.returncode
        assert b"Traceback" not in done.stderr


def test_a_fault_of_ours_is_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 1 is what CI reads as a finding: what nobody foresaw is one sentence, exit 2, and quotes no input."""

    def broken(*_: object) -> None:
        raise KeyError("s3cret\x1b[2J")

    monkeypatch.setattr("vllm_observability.pages.sources.read", broken)
    done = CliRunner().invoke(main, ["analyze", "page.txt"])
    assert (2, "") == (done.exit_code, done.stdout)
    assert 1 == len(done.stderr.splitlines())
    assert "vllm-obs itself failed (KeyError at command/cli.py:" in done.stderr
    assert "s3cret" not in done.stderr
    monkeypatch.setenv("VLLM_OBS_TRACEBACK", "1")
    assert isinstance(CliRunner().invoke(main, ["analyze", "page.txt"]).exception, KeyError)
