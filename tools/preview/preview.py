#!/usr/bin/env python3
"""Boards as pictures, over a made-up fleet: history, rules and alerts in a real Prometheus, drawn in headless Chromium.

usage: preview.py check OUT              every board in both forms, every row open, on three screens and in both themes;
                                         of one engine, of eight, and where engines are shown of a hundred; of
                                         GPUs beside three engines the board that sites with their exporters have
       preview.py images OUT             the pictures of the documentation: closed rows stay closed, but for features
       preview.py incidents OUT          the overview of three fleets, each with one thing wrong
       preview.py serve [PORT]            the boards in a browser, until Ctrl-C
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from harness.history import ALL_FEATURES, Replica, history
from harness.made_gpus import exporters
from harness.programs import backfill, fire, record, running_prometheus, write_rules
from vllm_observability.build.artefacts import artefacts
from vllm_observability.settings import Settings

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MINUTES, SHOWN = 100, 60
MAY_BE_EMPTY = ("--empty", "Firing budget alerts")  # their shortest window is an hour
CHAT, CODE, SQL = "acme/chat-8b", "acme/code-32b", "acme/sql-4b"


def fleet(**incidents: str) -> tuple[Replica, ...]:
    """Eight servers of three models; an incident by the name of a server."""
    plan = [
        *((f"chat-{n}", CHAT, "0.33.0", 1 + n / 10, "prod") for n in range(4)),
        *((f"code-{n}", CODE, "0.33.0", 0.8, "prod") for n in range(2)),
        *((f"sql-{n}", SQL, "0.10.2", 0.6, "dev") for n in range(2)),
    ]
    return tuple(
        Replica(
            f"{name}:8000", model, version, load=load, namespace=namespace,
            incident=incidents.get(name.replace("-", "_"), ""), features=ALL_FEATURES if model == CODE else (),
        )
        for name, model, version, load, namespace in plan
    )  # fmt: skip


FLEET = fleet(code_0="kv_full", code_1="kv_full", chat_2="slow_engine")
# Named as a Deployment names its pods.
HUNDRED = tuple(
    Replica(
        f"chat-7f9c6d5b8-{n:05d}:8000", CHAT, load=0.6 + n % 7 / 10, namespace="canary" if n % 10 == 0 else "prod",
        incident="kv_full" if n < 2 else "slow_engine" if n == 2 else "",
    )
    for n in range(100)
)  # fmt: skip
ONE = (Replica("chat-0:8000", CHAT, features=ALL_FEATURES),)
BESIDE = "vllm-gpu"
OF_ENGINES = ("vllm-overview", "vllm-engines", "vllm-incident", "vllm-capacity", "vllm-tuning")
# What shows the most faults in the fewest pictures: the other theme on the widest screen, and a phone.
SCREENS = (("light", 1920), ("light", 390), ("dark", 390))
INCIDENTS = {
    "incident-full": fleet(code_0="kv_full", code_1="kv_full"),
    "incident-errors": fleet(sql_0="", chat_0="errors", chat_1="errors", chat_2="errors", chat_3="errors"),
    "incident-down": fleet(chat_1="down", sql_1="stalled"),
}


IN_PODS = tuple(
    Replica(f"10.1.0.{n}:8000", CHAT, pod=f"chat-{n}", load=1 + n / 10, incident=("", "hot", "killed")[n])
    for n in range(3)
)


@contextmanager
def served(replicas: Sequence[Replica], rules: Path = ROOT / "alerts") -> Iterator[tuple[str, int]]:
    """(URL, now) of a Prometheus that holds a fleet's history up to now, and that of exporters where it is in pods."""
    now = int(time.time()) // 60 * 60
    with tempfile.TemporaryDirectory(prefix="preview-") as scratch:
        data = Path(scratch, "data")
        beside = exporters([each for each in replicas if each.pod], now, MINUTES)
        backfill(beside + history(replicas, now, MINUTES), data)
        record(data, rules / "vllm-recording-rules.yaml", now - 60 * (MINUTES - 10), now)
        firing = fire(data, rules / "vllm-alerts.yaml", now - 60 * SHOWN, now - 60)
        print(f"{len(replicas)} servers, {firing} alerts fire", flush=True)
        with running_prometheus(data) as prometheus:
            yield prometheus.url, now - 60


def node(*arguments: str) -> int:
    """Run the shooter; it draws the boards of one folder."""
    if not (os.environ.get("CHROMIUM") or shutil.which("chromium")):
        print(
            "Pictures need Chromium: install the Debian package chromium, or set CHROMIUM to its path.", file=sys.stderr
        )
        return 2
    return subprocess.run([shutil.which("node") or "node", str(HERE / "shoot.mjs"), *arguments], check=False).returncode


def shoot(
    url: str,
    now: int,
    out: Path,
    boards: Sequence[str] = (),
    folder: str = "dashboards",
    *more: str,
    theme: str = "dark",
) -> int:
    """One picture a board; all of them where none is named."""
    span = ("--from", str(now - 60 * SHOWN), "--to", str(now))
    where = ("--prometheus", url, "--boards", str(ROOT / folder), "--out", str(out))
    return node(*where, *span, "--theme", theme, *MAY_BE_EMPTY, *more, *boards)


def _check(out: Path) -> int:
    """The first fault ends it: its line tells the board."""
    opened = ("dashboards", "--expand")
    with served(FLEET) as (url, now):
        bad = shoot(url, now, out, (), *opened) or shoot(url, now, out / "fleet", (), "dashboards/fleet", "--expand")
        for theme, width in SCREENS:
            narrow = ("--width", str(width))
            bad = bad or shoot(url, now, out / f"{theme}-{width}", (), *opened, *narrow, theme=theme)
    with served(ONE) as (url, now):  # nothing to compare it with: some panels have a reason in place of a number
        bad = bad or shoot(url, now, out / "one", (), *opened, "--allow-empty", theme="light")
    with served(HUNDRED) as (url, now):
        speculation = ("--empty", "Draft acceptance, worst")  # which they do without
        bad = bad or shoot(url, now, out / "hundred", OF_ENGINES, "dashboards", *speculation)
    return bad or _check_gpus(out / "gpus")


def _check_gpus(out: Path) -> int:
    """The board of GPUs in both forms, as the build of a site that has their exporters."""
    files = artefacts(replace(Settings(), gpu_join_label="pod"))
    with tempfile.TemporaryDirectory(prefix="preview-") as scratch:
        for form in ("dashboards", "dashboards/fleet"):
            Path(scratch, form).mkdir()
            Path(scratch, form, f"{BESIDE}.json").write_text(files[f"{form}/{BESIDE}.json"])
        rules = write_rules(files, Path(scratch, "alerts"))[0].parent
        with served(IN_PODS, rules) as (url, now):
            bad = shoot(url, now, out, (), f"{scratch}/dashboards")
            return bad or shoot(url, now, out / "fleet", (), f"{scratch}/dashboards/fleet", theme="light")


def main(arguments: Sequence[str]) -> int:
    """Exit code: 0 where every picture is whole."""
    if arguments[:1] == ["serve"]:
        port = arguments[1] if len(arguments) > 1 else "3000"
        with served(FLEET) as (url, _):
            return node("serve", "--port", port, "--prometheus", url, "--boards", str(ROOT / "dashboards"))
    if arguments[:1] == ["check"] and len(arguments) > 1:
        return _check(Path(arguments[1]))
    if arguments[:1] == ["images"] and len(arguments) > 1:
        boards = sorted(path.stem for path in (ROOT / "dashboards").glob("*.json"))
        with served(FLEET) as (url, now):
            closed = shoot(url, now, Path(arguments[1]), [name for name in boards if name != "vllm-features"])
            return closed or shoot(url, now, Path(arguments[1]), ["vllm-features"], "dashboards", "--expand")
    if arguments[:1] == ["incidents"] and len(arguments) > 1:
        worst = 0
        for name, replicas in INCIDENTS.items():
            with served(replicas) as (url, now), tempfile.TemporaryDirectory() as scratch:
                worst |= shoot(url, now, Path(scratch), ["vllm-overview"])
                shutil.move(Path(scratch, "vllm-overview.png"), Path(arguments[1], f"{name}.png"))
        return worst
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
