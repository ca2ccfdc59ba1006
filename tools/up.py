#!/usr/bin/env python3
"""A live stack on this machine, without Docker: a simulated fleet or your server, Prometheus with our rules,
Alertmanager, and the boards in a browser where the preview is built. Alerts are printed as they come. Ctrl-C ends it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import yaml

from harness.processes import free_port, process
from harness.programs import ToolMissing, prometheus_lines
from harness.stack import alertmanager, fleet, prometheus, routing, scraping, webhook
from vllm_observability.build.artefacts import artefacts
from vllm_observability.build.files import write
from vllm_observability.catalog import checks
from vllm_observability.settings import parse
from vllm_observability.simulate import show
from vllm_observability.simulate.story import StoryError, duration, load

ROOT = Path(__file__).resolve().parent.parent
PREVIEW = ROOT / "tools/preview"
SETTINGS = "settings.yaml"
HOLD = "30s"  # in place of minutes, for those who watch
PLAIN = show.Plain(engines=4, models=2, rate=0.5, hardware="8b-datacentre", version="0.33.0")


def choices(patient: bool) -> dict[str, Any]:
    """A site's settings: every alert's own hold, or all of them half a minute."""
    near: dict[str, Any] = dict.fromkeys(("scrape_interval", "evaluation_interval", "histogram_interval"), "5s")
    if patient:
        return near
    short = {check.id: {b.severity: HOLD for b in check.bounds if b.hold != "0m"} for check in checks.ALL}
    return {**near, "rate_window": "1m", "holds": {id: holds for id, holds in short.items() if holds}}


def bundle(folder: Path, chosen: Mapping[str, Any]) -> list[Path]:
    """The bundle of these settings, and the settings themselves for who asks about it; its rule files."""
    write(folder, artefacts(parse(chosen)))
    (folder / SETTINGS).write_text(yaml.safe_dump(dict(chosen)))
    return sorted((folder / "alerts").glob("*.yaml"))


def job_for(target: str) -> dict[str, Any]:
    """How a server's page is scraped."""
    url = urlsplit(target)
    if url.scheme not in ("http", "https") or not url.netloc:
        raise click.UsageError(f"{target} is no URL such as http://HOST:8000/metrics")
    return {
        "job_name": "vllm", "scheme": url.scheme, "metrics_path": url.path or "/metrics",
        "static_configs": [{"targets": [url.netloc]}],
    }  # fmt: skip


def told(alert: Mapping[str, Any]) -> None:
    """One line for each alert that comes."""
    labels = alert["labels"]
    colour = {"critical": "red", "warning": "yellow"}.get(labels.get("severity", ""), "blue")
    severity, at = labels.get("severity", ""), time.strftime("%H:%M:%S")
    if alert["status"] == "firing":
        state = click.style(severity, fg=colour)
        click.echo(f"{at}  {state}  {labels['alertname']}: {alert['annotations']['description']}")
    else:  # its description has the number of the time when it fired
        of = ", ".join(labels[name] for name in ("instance", "model_name") if name in labels)
        click.echo(f"{at}  resolved {severity}  {labels['alertname']} {of}")


@contextmanager
def boards(url: str, drawn: Path, folder: Path) -> Iterator[str]:
    """The boards in a browser; an empty text where the preview is not built."""
    node = shutil.which("node")
    if not node or not (PREVIEW / "dist").is_dir():
        yield ""
        return
    port = free_port()
    where = ("--port", str(port), "--prometheus", url, "--boards", str(drawn))
    command = [node, str(PREVIEW / "shoot.mjs"), "serve", *where]
    with process(command, folder / "preview.log", f"http://127.0.0.1:{port}/"):
        yield f"http://127.0.0.1:{port}"


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@click.command()
@click.option("--scenario", help="Play an incident; `vllm-obs simulate --list` names them.")
@click.option("--target", help="Your own server's page, in place of a simulated fleet.")
@click.option("--patient", is_flag=True, help="The alerts' own holds of minutes, not half a minute.")
@click.option("--for", "seconds", type=float, help="End by itself after so many seconds.")
@click.option("--data", type=click.Path(path_type=Path), default=ROOT / ".local/up", help="Where data stays.")
def main(scenario: str | None, target: str | None, patient: bool, seconds: float | None, data: Path) -> None:
    """Start the stack, say where it is, and print alerts until Ctrl-C."""
    if scenario and target:
        raise click.UsageError("give a scenario or a target")
    signal.signal(signal.SIGTERM, _interrupted)  # so that what was started ends too
    for old in ("prometheus", "alertmanager"):  # another fleet's counters under the same names would look like resets
        shutil.rmtree(data / old, ignore_errors=True)
    with contextlib.suppress(KeyboardInterrupt), ExitStack() as stack:
        try:
            if target:
                job = job_for(target)
                click.echo(f"Server        {target}")
            else:
                stage = show.scenario(scenario, "", 1.0) if scenario else show.plain(PLAIN, 1.0)
                address = stack.enter_context(fleet(stage))
                discovery = {"url": f"http://{address}/sd", "refresh_interval": "5s"}
                job = {"job_name": "vllm", "http_sd_configs": [discovery]}
                click.echo(f"Fleet         http://{address} ({stage.fleet.story.title})")
            inbox = stack.enter_context(webhook(told))
            manager = stack.enter_context(alertmanager(routing(inbox.url), data / "alertmanager"))
            config = scraping(job, manager, bundle(data / "bundle", choices(patient)), "5s")
            line = prometheus_lines()[-1]
            url = stack.enter_context(prometheus(config, data / "prometheus", line=line))
            page = stack.enter_context(boards(url, data / "bundle/dashboards", data))
        except (StoryError, ToolMissing, AssertionError) as error:
            raise click.ClickException(str(error)) from None
        click.echo(f"Prometheus    {url} ({line}), its alerts at {url}/alerts")
        click.echo(f"Alertmanager  {manager}")
        click.echo(f"Boards        {page or 'run `make preview` once to see them here (Node.js)'}")
        asked = f"--prometheus {url} --settings {os.path.relpath(data / 'bundle' / SETTINGS)}"
        click.echo(f"Ask it        vllm-obs analyze {asked} --since 1m")
        click.echo(f"              vllm-obs doctor {asked}")
        if scenario:
            story = load(scenario)
            wait = min(show.RUN_UP, duration(story.starts))
            click.echo(f"\n{story.title}, in {wait:.0f} s: {' '.join(story.story.split())}")
            click.echo("Expect " + ", ".join(sorted({expected.alert for expected in story.must})) + ".")
        click.echo(f"\nData stays in {data} until the next start. Ctrl-C ends everything. Alerts, as they come:")
        time.sleep(seconds if seconds is not None else 10**9)
    click.echo("Stopped.")


if __name__ == "__main__":
    main()
