"""What the doctor learns from the server itself: why scrapes and rules fail, in time, side by side, and redacted."""

from __future__ import annotations

import io
import re
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from harness.history import ALL_FEATURES, Replica, history
from harness.programs import backfill, prometheus_lines, running_prometheus
from harness.stack import prometheus
from page_server import Answer, Server, fresh, running
from vllm_observability.command.cli import _progress
from vllm_observability.doctor import Diagnosis, examine
from vllm_observability.doctor.server import _why_failing
from vllm_observability.doctor.targets import cure
from vllm_observability.pages.redact import Redaction
from vllm_observability.pages.sources import Access
from vllm_observability.prometheus import Api, Unanswered
from vllm_observability.prometheus.answers import Answer as Read
from vllm_observability.render.report.doctor import diagnosis_text, doctor_json
from vllm_observability.settings import Settings

END = 1_800_001_200.0
AT = END - 91
LINES = prometheus_lines()
FLEET = (Replica("gpu-17:8000", "acme/a", features=ALL_FEATURES), Replica("gpu-18:8000", "acme/a", incident="down"))


@pytest.fixture(scope="module")
def one() -> Iterator[Server]:
    yield from running(Server())


@pytest.fixture
def server(one: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    return fresh(one, monkeypatch)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prometheus over a fleet with a dead server and a metric that nobody knows."""
    data = tmp_path_factory.mktemp("tsdb")
    text = history(FLEET, END, 12, 30).removesuffix("# EOF\n")
    more = "".join(
        f'vllm:acme_merger_total{{job="vllm",instance="gpu-17:8000"}} 1 {END - 30 * n:.3f}\n'
        for n in reversed(range(9))
    )
    backfill(text + more + "# EOF\n", data, LINES[0])
    with running_prometheus(data, line=LINES[0]) as running_server:
        yield running_server.url


def _examined(url: str, redaction: Redaction | None = None) -> Diagnosis:
    return examine(Api(url, Access(timeout=60), 64_000_000), Settings(), AT, redaction)


def test_engines_under_another_prefix_are_named_beside_known_ones(tmp_path: Path) -> None:
    """With what to write, the known prefix kept; they are not called another program, and a router is none of them."""
    rows = {
        'up{job="vllm",instance="a"}': 1,
        'up{job="vllm",instance="b"}': 1,
        'vllm:num_requests_running{job="vllm",instance="a",model_name="m",engine="0"}': 1,
        'acme_vllm:num_requests_running{job="vllm",instance="b",model_name="m",engine="0"}': 1,
        'lb_num_requests_running{job="vllm",instance="c"}': 1,
    }
    times = [END - 30 * n for n in reversed(range(9))]
    text = "".join(f"{series} {value} {at:.3f}\n" for series, value in rows.items() for at in times)
    backfill(text + "# EOF\n", tmp_path, LINES[-1])
    with running_prometheus(tmp_path, line=LINES[-1]) as found:
        problems = {problem.id: problem for problem in _examined(found.url).problems}

    assert "vLLM's metrics are there, but begin with acme_vllm:" == problems["prefix"].what
    assert "metric_prefixes: ['vllm:', 'acme_vllm:']" in problems["prefix"].fix
    assert "no_engine_metrics" not in problems


# ---------------------------------------------------------------------------------------- errors of targets


@pytest.mark.parametrize("line", LINES, ids=str)
def test_the_error_of_a_target_is_quoted(line: object, server: Server, tmp_path: Path) -> None:
    """By a real Prometheus: no Content-Type (refused from 3.0 on), a page that is none, a token that is missing."""
    server.answers = {
        "/blank": Answer(b"vllm:num_requests_running 1\n", headers={"Content-Type": "text/html"}),
        "/none": Answer(b"not a page!\n", headers={"Content-Type": "text/plain"}),
        "/token": Answer(b"", 401),
    }
    jobs = [
        {"job_name": f"vllm-{path}", "metrics_path": f"/{path}", "static_configs": [{"targets": [server.host]}]}
        for path in ("blank", "none", "token")
    ]
    config = {"global": {"scrape_interval": "1s", "scrape_timeout": "1s"}, "scrape_configs": jobs}
    with prometheus(config, tmp_path, line=line) as url:  # type: ignore[arg-type]
        said = _down(url, wanted=3 if str(line).startswith("3") else 2)
    assert "server returned HTTP status 401" in said["vllm-token"][0]
    assert "authorization in the scrape job" in said["vllm-token"][1]
    assert "metrics_path" in said["vllm-none"][1], said
    if str(line).startswith("3"):
        assert "fallback_scrape_protocol" in said["vllm-blank"][0]
        assert "set fallback_scrape_protocol: PrometheusText0.0.4" in said["vllm-blank"][1]


def _down(url: str, wanted: int) -> dict[str, tuple[str, str]]:
    """What is said of each job that can't be scraped, once so many are seen."""
    deadline = time.monotonic() + 30
    while True:
        found = examine(Api(url, Access(timeout=10), 1_000_000), Settings())
        down = [problem for problem in found.problems if problem.id == "down" and ": " in problem.what]
        said = {match[1]: (p.what, p.fix) for p in down if (match := re.search(r"job ([\w-]+)", p.what))}
        if len(said) >= wanted:
            return said
        assert time.monotonic() < deadline, found.problems
        time.sleep(0.5)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ('Get "http://x:8000/metrics": dial tcp 10.0.0.1:8000: connect: connection refused', "nothing listens there"),
        ("context deadline exceeded", "scrape_timeout"),
        ("server returned HTTP status 404 Not Found", "metrics_path"),
        ("server returned HTTP status 403 Forbidden", "authorization"),
        ("tls: failed to verify certificate: x509: certificate signed by unknown authority", "tls_config"),
        ("http: server gave HTTP response to HTTPS client", "tls_config"),
        ("dial tcp: lookup vllm on 10.96.0.10:53: no such host", "DNS"),
        ("sample limit exceeded", "raise the limit"),
        ("body size limit exceeded", "raise the limit"),
        ('received unsupported Content-Type "" and no fallback_scrape_protocol specified', "PrometheusText0.0.4"),
        ('expected equal, got "INVALID"', "no page of metrics"),
        ("something new", "Status > Targets"),
    ],
)
def test_each_error_has_its_cure(error: str, words: str) -> None:
    """As Prometheus words them."""
    assert words in cure(error)


def test_a_rule_that_fails_is_quoted(tmp_path: Path) -> None:
    """Two series of one name in one evaluation: Prometheus says so of the rule, and records nothing."""
    rules = {
        "groups": [
            {
                "name": "g",
                "interval": "1s",
                "rules": [
                    {"record": "model:vllm_x:sum", "expr": 'label_replace(up, "instance", "same", "", "")'},
                ],
            }
        ]
    }
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(rules))
    data = tmp_path / "data"
    now = float(int(time.time()))
    backfill(history((FLEET[0], Replica("b:8000")), now, 12, 30), data, LINES[0])
    with running_prometheus(data, [tmp_path / "rules.yml"], line=LINES[0]) as server:
        deadline = time.monotonic() + 30
        while not (found := _failing(server.url)):
            assert time.monotonic() < deadline
            time.sleep(0.5)
    assert "rule model:vllm_x:sum fails: vector cannot contain metrics with the same labelset" in found[0]


def _failing(url: str) -> list[str]:
    found = examine(Api(url, Access(timeout=60), 64_000_000), Settings())
    return [problem.what for problem in found.problems if problem.id == "rule_fails"]


# ---------------------------------------------------------------------------------------- time


def test_questions_are_asked_side_by_side(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several at a time, and it is told how far they are."""
    plain, together, most = Api.ask, [0], [0]
    lock = threading.Lock()

    def ask(self: Api, query: str, at: float | None) -> Read:
        with lock:
            together[0] += 1
            most[0] = max(most[0], together[0])
        try:
            return plain(self, query, at)
        finally:
            with lock:
                together[0] -= 1

    monkeypatch.setattr(Api, "ask", ask)
    heard: list[tuple[int, int]] = []
    found = examine(
        Api(url, Access(timeout=60), 64_000_000), Settings(), AT, told=lambda done, of: heard.append((done, of))
    )
    assert 2 <= most[0] <= 8
    assert [(n, len(found.panels)) for n in range(1, len(found.panels) + 1)] == heard


def test_what_is_not_answered_is_said_and_the_rest_stands(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One slow panel does not end the examination, nor does it look empty."""
    plain = Api.ask

    def ask(self: Api, query: str, at: float | None) -> Read:
        if "vllm:num_preemptions" in query and "rate(" in query:
            raise Unanswered("too slow")
        return plain(self, query, at)

    monkeypatch.setattr(Api, "ask", ask)
    found = _examined(url)
    lost = [state.of for state in found.panels if "did not answer its query in time" in state.why]
    assert 0 < len(lost) < 20
    assert f"the server did not answer {len(lost)} of {len(found.panels)} panels in time" in diagnosis_text(found)
    assert not found.sound


def test_a_server_that_turns_slow_does_not_keep_anybody(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve times the time of one question, whatever number of panels waits."""
    plain, begun = Api.ask, time.monotonic()

    def ask(self: Api, query: str, at: float | None) -> Read:
        if time.monotonic() > begun + 3:
            time.sleep(0.3)
        return plain(self, query, at)

    monkeypatch.setattr(Api, "ask", ask)
    found = examine(Api(url, Access(timeout=0.4), 64_000_000), Settings(), AT)
    assert time.monotonic() - begun < 20
    assert found.panels


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_for_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line that is empty again at the end; nothing where the output is kept."""
    for stream, expected in ((_Terminal(), f"\r3 of 9 panels asked\r{'':40}\r"), (io.StringIO(), "")):
        monkeypatch.setattr(sys, "stderr", stream)
        with _progress() as told:
            if told:
                told(3, 9)
        assert expected == stream.getvalue()


# ---------------------------------------------------------------------------------------- redaction


def test_nothing_telling_passes(url: str) -> None:
    """Hosts, models, metrics that are not vLLM's, the address; what is wrong stays."""
    text, data = diagnosis_text(_examined(url)), _examined(url, Redaction())
    assert "gpu-18" in text
    assert "acme_merger" in text
    for hidden in (diagnosis_text(data), doctor_json(data)):
        assert not re.search("acme|gpu-1|merger|127.0.0.1", hidden)
        assert "target instance-" in hidden
        assert "can't be scraped" in hidden


# ---------------------------------------------------------------------------------------- front ends


def test_the_rust_front_end_is_known(tmp_path: Path) -> None:
    """It shows no configuration and no process: that is its way, and no fault to mend."""
    left_out = re.compile(r"(process_|python_|vllm:cache_config_info|vllm:engine_sleep_state)")
    text = history((Replica("a:8000"),), END, 12, 30)
    backfill("".join(line for line in text.splitlines(keepends=True) if not left_out.match(line)), tmp_path, LINES[0])
    with running_prometheus(tmp_path, line=LINES[0]) as server:
        found = _examined(server.url)
    assert ["rust"] == [problem.id for problem in found.problems if problem.id == "rust"]
    lacking = [state for state in (*found.panels, *found.alerts) if "Rust front end" in state.why]
    assert {"vllm:cache_config_info", "process_start_time_seconds"} <= {
        state.why.rsplit(": ", 1)[0] for state in lacking
    }
    assert all(state.expected for state in lacking)


# ------------------------------------------------------------------------------------ series that no rule records

RUNNING = "vllm:num_requests_running"
RECORDED = ("engine:vllm_requests_running:sum", "model:vllm_requests_running:sum")


def _left(folder: Path, servers: dict[str, str], recorded: set[str]) -> list[tuple[str, str]]:
    """What is said of servers that are left raw; `servers`: instance -> labels besides job and instance."""
    folder.mkdir()
    series = {
        RUNNING: [f'job="vllm",instance="{i}"{more}' for i, more in servers.items()],
        **{name: [f'job="vllm",instance="{i}"{servers[i]}' for i in sorted(recorded)] for name in RECORDED},
        "model:vllm_kv_cache_usage:threshold": ['model_name="m",severity="warning"'],
        "up": [f'job="vllm",instance="{i}"' for i in servers],
    }
    lines = [
        f"{name}{{{labels}}} 1 {END - 30 * n:.3f}\n"
        for name, rows in series.items()
        for labels in rows
        for n in reversed(range(12))
    ]
    backfill("".join(lines) + "# EOF\n", folder, LINES[0])
    with running_prometheus(folder, line=LINES[0]) as running_server:
        found = _examined(running_server.url).problems
    return [(problem.what, problem.fix) for problem in found if problem.id == "left_raw"]


def test_servers_that_no_rule_records_are_named_with_the_reason(tmp_path: Path) -> None:
    """A label that recorded series need is missing, or rules have not seen the server; each group once."""
    model = ',model_name="m",engine="0"'
    servers = {"a:1": model, "b:1": ',engine="0"', "c:1": model}
    names, young = sorted(_left(tmp_path / "some", servers, {"a:1"}))
    assert "no rule records the series of b:1: they lack the label model_name" == names[0]
    assert "relabel rules" in names[1]
    assert young[0].startswith("no rule records the series of c:1: they are younger than the last evaluation")

    many = {f"s{n}:1": model for n in range(9)}
    ((what, _),) = _left(tmp_path / "many", many, {"s0:1"})
    assert "s1:1, s2:1, s3:1 and 5 more" in what
    assert [] == _left(tmp_path / "none", {"a:1": model}, {"a:1"})


def test_a_flag_that_is_missing_is_what_a_failing_rule_names() -> None:
    """Two copies of the rules are another fault."""
    assert "--enable-feature=native-histograms" in _why_failing("native histograms are disabled")
    assert "two copies" in _why_failing("found duplicate series for the match group")
