#!/usr/bin/env python3
"""The whole chain around a real vLLM: the released CPU build with random weights, loaded past its limits.

Server -> our scrape job -> Prometheus with our rules -> Alertmanager -> webhook, while the report, the doctor and every
query of the boards run against it. What the client counted must be what the report says; a queue, a frozen engine and
a server without statistics must each raise their alert. Five to seven minutes, three of them vLLM's own start.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import yaml
from client import PATH, Books, requests, send, send_refused
from install import NotHere, install
from model import write as write_model
from server import SEQUENCES, Vllm, vllm

from harness.programs import ToolMissing, prometheus_lines
from harness.stack import Alert, Inbox, alertmanager, prometheus, routing, scraping, webhook
from vllm_observability.catalog import metrics as m

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FOLDER = ROOT / ".local/live"
# The rules as built, only faster; their bounds are the defaults.
SETTINGS = {
    "scrape_interval": "2s",  # one second would also be the time-out, which the page of a busy server exceeds
    "evaluation_interval": "1s", "histogram_interval": "1s", "rate_window": "20s",
    "holds": {
        "requests_waiting": {"warning": "5s", "critical": "5s"}, "engine_stalled": {"critical": "5s"},
        "metrics_missing": {"warning": "5s"}, "target_down": {"critical": "20s"},
    },
}  # fmt: skip
BURST, HUNG, REFUSED = 200, 8, 3
MINUTES = 4  # no single step takes longer
SITE = ("--settings", "settings.yaml", "--timeout", "60")  # a model on the same cores leaves little to who answers


@dataclass
class Story:
    """What happened, for the table at the end; times in seconds since the story began."""

    began: float = field(default_factory=time.time)
    rows: list[tuple[str, str, str, bool]] = field(default_factory=list)  # what, expected, found, whether it is so

    def expect(self, what: str, expected: object, found: object) -> None:
        """A row that holds where both are equal."""
        self.rows.append((what, str(expected), str(found), expected == found))

    def note(self, what: str, found: str, holds: bool = True, expected: str = "") -> None:
        """A row that says for itself whether it holds."""
        self.rows.append((what, expected, found, holds))

    def say(self, words: str) -> None:
        """Progress, with its time."""
        print(f"{time.time() - self.began:5.0f} s  {words}", flush=True)

    def message(self, inbox: Inbox, alert: str, severity: str, status: str, since: float, seconds: float) -> None:
        """A row for a message at the webhook: how long after `since` it came."""

        def wanted(came: Alert) -> bool:
            labels = came["labels"]
            return (alert, severity, status) == (labels["alertname"], labels["severity"], came["status"])

        try:
            at, came = inbox.wait(wanted, seconds)
            text = came["annotations"]["description"] if status == "firing" else ""
            self.note(f"{alert} {severity}, {status}", f"after {max(0.0, at - since):.0f} s. {text}".strip())
        except AssertionError as error:
            self.note(f"{alert} {severity}, {status}", str(error), holds=False)
        self.say(f"{alert} {severity}, {status}: {self.rows[-1][2]}")

    def table(self) -> str:
        """Every row in columns."""
        head = ("", "expected", "found")
        cells = [head, *((what, expected, found) for what, expected, found, _ in self.rows)]
        widths = [max(len(row[column]) for row in cells) for column in (0, 1)]
        lines = [f"   {head[0]:{widths[0]}}  {head[1]:{widths[1]}}  {head[2]}"]
        for what, expected, found, holds in self.rows:
            lines.append(f"{'ok' if holds else 'NO':2} {what:{widths[0]}}  {expected:{widths[1]}}  {found}".rstrip())
        return "\n".join(lines)


def ours(*words: str | Path) -> tuple[int, str]:
    """Our command: exit code and what it prints."""
    command = [sys.executable, "-m", "vllm_observability", *words]
    done = subprocess.run(
        command, cwd=FOLDER, env={**os.environ, "PYTHONPATH": str(ROOT / "generator")}, capture_output=True, text=True,
        check=False, timeout=60 * MINUTES,
    )  # fmt: skip
    if done.returncode == 2:
        raise AssertionError(f"vllm-obs {' '.join(map(str, words))}: {done.stderr}")
    return done.returncode, done.stdout


def figures(*source: str) -> dict[tuple[str, str], float]:
    """The report's figures of a source, by id and the one label that tells them apart here."""
    report = json.loads(ours("analyze", *source, *SITE, "--format", "json")[1])
    label = ("finished_reason", "handler", "generation")
    found: dict[tuple[str, str], float] = {}
    for row in report["figures"]:
        key = " ".join(str(row["labels"][name]) for name in label if name in row["labels"])
        status = row["labels"].get("status", "")
        found[(row["id"], f"{key} {status}".strip())] = row["value"]
    return found


def build_rules() -> list[Path]:
    """Our rules and scrape job, built by our command for the settings above."""
    (FOLDER / "settings.yaml").write_text(yaml.safe_dump(SETTINGS))
    ours("build", "--settings", "settings.yaml", "--out", "bundle")
    return sorted((FOLDER / "bundle/alerts").glob("*.yaml"))


def scrape_job(targets: Path) -> dict[str, Any]:
    """The job of the bundle; only where its targets stand is another place."""
    (job,) = yaml.safe_load((FOLDER / "bundle/deploy/prometheus/vllm-scrape.yaml").read_text())["scrape_configs"]
    del job["static_configs"]
    return {**job, "file_sd_configs": [{"files": [str(targets)], "refresh_interval": "1s"}]}


def name_targets(path: Path, servers: Sequence[Vllm]) -> None:
    """The file that Prometheus reads its targets from, replaced at once."""
    fresh = path.with_suffix(".new")
    fresh.write_text(yaml.safe_dump([{"targets": [server.address for server in servers]}]))
    fresh.rename(path)


@contextmanager
def sending(address: str, count: int, seed: int, books: Books, tokens: tuple[int, int] = (60, 160)) -> Iterator[None]:
    """A burst beside the block; it is answered in full before the block ends."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(send(address, requests(count, seed, tokens), books))
        except BaseException as error:
            failed.append(error)

    thread = Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        thread.join(60 * MINUTES)
    if failed:
        raise AssertionError(f"the client failed: {failed[0]!r}")


def overload(story: Story, server: Vllm, inbox: Inbox, url: str) -> None:
    """More requests than the server takes at once: it queues, the alert comes, goes, and every count is right."""
    books, begin = Books(), time.time()
    with sending(server.address, BURST, seed=1, books=books):
        story.say(f"{BURST} requests sent at once to a server that runs {SEQUENCES}")
        time.sleep(4)
        seen = figures(server.metrics)
        waiting = seen.get(("requests_waiting", ""), 0.0)
        story.note("report under load: waiting", f"{waiting:.0f}", waiting > 0, "> 0")
        story.message(inbox, "VllmRequestsWaiting", "critical", "firing", begin, 60)
        code, _ = ours("analyze", "--prometheus", url, "--since", "1m", *SITE)
        story.expect("report by the Prometheus under load: exit code", 0, code)
    drained = time.time()
    asyncio.run(send_refused(server.address, REFUSED, books))
    story.say(f"all {books.answered} answered after {drained - begin:.0f} s")
    counts(story, books, server, url)
    story.message(inbox, "VllmRequestsWaiting", "warning", "firing", begin, 30)
    story.message(inbox, "VllmRequestsWaiting", "critical", "resolved", drained, 60)
    story.message(inbox, "VllmRequestsWaiting", "warning", "resolved", drained, 60)


def counts(story: Story, books: Books, server: Vllm, url: str) -> None:
    """The client's books against the report of the page, and against Prometheus."""
    time.sleep(3)  # vLLM publishes what it counted, and Prometheus scrapes it
    said = figures(server.metrics)
    for reason, number in sorted(books.finished.items()):
        story.expect(f"requests that ended by {reason}", number, round(said.get(("requests_finished", reason), 0)))
    story.expect("prompt tokens", books.prompt_tokens, round(said.get(("prompt_tokens", ""), 0)))
    story.expect("generated tokens", books.generation_tokens, round(said.get(("generation_tokens", ""), 0)))
    story.expect("HTTP 2xx", books.answered, round(said.get(("http_requests", f"{PATH} 2xx"), 0)))
    story.expect("HTTP 4xx", books.refused, round(said.get(("http_requests", f"{PATH} 4xx"), 0)))
    # By the one name the server of today has: the joins of our own queries would hide what they are checked against.
    prompts, first, running, waiting = (
        metric.names[0].text for metric in (m.PROMPT_TOKENS, m.TTFT, m.REQUESTS_RUNNING, m.REQUESTS_WAITING)
    )
    asked = {
        "prompt tokens in Prometheus": (books.prompt_tokens, f"sum({prompts})"),
        "first tokens in Prometheus": (books.answered, f"sum({first}_count)"),
        "running and waiting in Prometheus": (0, f"sum({running}) + sum({waiting})"),
    }
    for what, (number, query) in asked.items():
        story.expect(what, number, round(ask(url, query)))


def ask(url: str, query: str) -> float:
    """One number from a Prometheus; -1 for none."""
    answer = httpx.get(f"{url}/api/v1/query", params={"query": query}, trust_env=False).json()
    result = answer["data"]["result"]
    return float(result[0]["value"][1]) if len(result) == 1 else -1.0


def boards(story: Story, url: str) -> None:
    """Every query of every board, in both forms, by the doctor."""
    code, text = ours("doctor", "--prometheus", url, *SITE, "--format", "json")
    (FOLDER / "doctor.json").write_text(text)
    said = json.loads(text)
    for form, states in {"raw": said["panels"], "fleet": said["fleet"]}.items():
        ready, excused = sum(s["ready"] for s in states), sum(not s["ready"] and s["expected"] for s in states)
        missing = [s["of"] for s in states if not s["ready"] and not s["expected"]]
        found = f"{ready}; {excused} empty for a good reason; without one: {', '.join(missing) or 'none'}"
        story.note(f"panels with data ({form})", found, ready > 100 and not missing)
    story.expect("doctor: exit code", 0, code)


def freeze(story: Story, server: Vllm, mute: Vllm, inbox: Inbox, targets: Path) -> None:
    """An engine that hangs with requests in it, and a server without statistics."""
    with sending(server.address, HUNG, seed=2, books=Books(), tokens=(350, 380)):
        time.sleep(2)
        with server.frozen_engine():
            begin = time.time()
            name_targets(targets, (server, mute))
            story.say("engine process stopped; a server with --disable-log-stats joined")
            story.message(inbox, "VllmMetricsMissing", "warning", "firing", begin, 60)
            story.message(inbox, "VllmEngineStalled", "critical", "firing", begin, 240)  # its window is two minutes
    story.message(inbox, "VllmEngineStalled", "critical", "resolved", time.time(), 60)


def start(stack: ExitStack, python: Path) -> list[Vllm]:
    """A server as it should be and one without statistics, side by side: each keeps one processor busy."""
    flags = {"vllm.log": (), "mute.log": ("--disable-log-stats",)}
    servers = [vllm(python, FOLDER / "model", FOLDER / log, *more) for log, more in flags.items()]
    with ThreadPoolExecutor(len(servers)) as pool:
        return list(pool.map(stack.enter_context, servers))


def main() -> int:
    """Exit 0 where everything is as expected; 1 where not; 2 where the real vLLM can't be had."""
    try:
        python = install()
        line = prometheus_lines()[-1]
    except (NotHere, ToolMissing) as error:
        print(f"make live needs the real vLLM and Prometheus, and can't have them here: {error}.", file=sys.stderr)
        return 2
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    write_model(FOLDER / "model")
    rules, targets = build_rules(), FOLDER / "targets.yaml"
    story = Story()
    story.say("two servers start …")
    with ExitStack() as stack:
        server, mute = start(stack, python)
        story.say(f"vLLM answers at {server.address}, without statistics at {mute.address}")
        inbox = stack.enter_context(webhook())
        manager = stack.enter_context(alertmanager(routing(inbox.url), FOLDER / "alertmanager"))
        name_targets(targets, (server,))
        config = scraping(scrape_job(targets), manager, rules, "1s")
        url = stack.enter_context(prometheus(config, FOLDER / "prometheus", line=line))
        time.sleep(5)
        overload(story, server, inbox, url)
        boards(story, url)
        freeze(story, server, mute, inbox, targets)
    missed = sum(not holds for *_, holds in story.rows)
    print(f"\n{story.table()}\n\nPrometheus {line}: {len(story.rows)} things looked at, {missed} not as expected")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
