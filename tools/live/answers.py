#!/usr/bin/env python3
"""`capacity` and `compare` against a real vLLM on this machine's CPU: what they say, beside what then happens.

The maximum is predicted from light load, then the same server is saturated. Two loads of one server are compared, then
two servers that differ in `--max-num-seqs`. It prints what was found and judges nothing: the machine is small, and
whatever else runs on it is in the numbers. Twenty minutes.
"""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
from check import FOLDER, ours
from client import PATH, requests
from install import NotHere, install
from model import write as write_model
from server import Vllm, vllm

from vllm_observability.catalog import metrics as m

MANY, FEW = 16, 6  # --max-num-seqs
TOKENS = 2048
EVERY = 5.0  # seconds between pages
FIRST, LIGHT, OTHER, FULL = 25.0, 400.0, 255.0, 75.0  # seconds
CROWD = 4 * MANY  # requests in flight that saturate a server
SWING = 0.25  # of the rate, up and down over two minutes: a load that never changes shows no growth of a step


async def _paced(client: httpx.AsyncClient, seconds: float, rate: float) -> None:
    """Requests that come by chance at a rate, whether earlier ones are answered or not."""
    chance, bodies = random.Random(rate), requests(int(2 * rate * seconds) + 10, seed=int(1000 * rate))
    begin, waiting = time.monotonic(), []
    for body in bodies:
        now = time.monotonic() - begin
        await asyncio.sleep(chance.expovariate(rate * (1 + SWING * (1 if now % 120 < 60 else -1))))
        if time.monotonic() - begin > seconds:
            break
        waiting.append(asyncio.create_task(_answered(client, body)))
    await asyncio.gather(*waiting)


async def _crowded(client: httpx.AsyncClient, seconds: float) -> None:
    """So many requests in flight that some always wait."""
    bodies = iter(requests(100_000, seed=7))
    begin = time.monotonic()

    async def one() -> None:
        while time.monotonic() - begin < seconds:
            await _answered(client, next(bodies))

    await asyncio.gather(*(one() for _ in range(CROWD)))


async def _answered(client: httpx.AsyncClient, body: dict[str, Any]) -> None:
    (await client.post(PATH, json=body)).raise_for_status()


async def _watched(
    server: Vllm, folder: Path, seconds: float, load: Callable[[httpx.AsyncClient], Awaitable[None]]
) -> None:
    """A load, and a page of it every few seconds, the first when the load is there and the last before it ends."""
    folder.mkdir(parents=True)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(
        base_url=f"http://{server.address}", timeout=300, limits=limits, trust_env=False
    ) as client:
        task, begin = asyncio.ensure_future(load(client)), time.monotonic()
        await asyncio.sleep(EVERY)
        while time.monotonic() - begin < seconds:
            page, at = (await client.get(server.metrics)).text, time.time()
            (folder / f"{at:.1f}.txt").write_text(page)
            await asyncio.sleep(EVERY - (time.monotonic() - begin) % EVERY)
        await task


def _rate(folder: Path) -> float:
    """Requests finished per second, by the server's own counter."""
    pages = sorted(folder.glob("*.txt"))
    (first, last), seconds = (pages[0], pages[-1]), float(pages[-1].stem) - float(pages[0].stem)
    return (_finished(last) - _finished(first)) / seconds


def _finished(page: Path) -> float:
    rows = (row for row in page.read_text().splitlines() if row.startswith(f"{m.REQUEST_SUCCESS.names[0].text}{{"))
    return sum(float(row.rpartition(" ")[2]) for row in rows)


def _played(server: Vllm, name: str, seconds: float, rate: float | None) -> Path:
    folder = FOLDER / "answers" / name
    shutil.rmtree(folder, ignore_errors=True)
    asyncio.run(_watched(server, folder, seconds, lambda c: _paced(c, seconds, rate) if rate else _crowded(c, seconds)))
    print(f"{time.strftime('%H:%M:%S')}  {name}: {_rate(folder):.2f} requests per second finished", flush=True)
    return folder


def _predicted(folder: Path) -> None:
    code, text = ours(
        "capacity", folder, "--max-num-seqs", str(MANY), "--max-num-batched-tokens", str(TOKENS), "--format", "json"
    )
    (model,) = json.loads(text)["models"]
    if code:
        print(f"    capacity of {folder.name}: refused. {model['reason']}", flush=True)
        return
    steady = model["steady_requests_per_second"]
    print(f"    capacity of {folder.name}: {steady}, binds {model['binds']}", flush=True)


def _compared(before: Path, after: Path) -> None:
    code, text = ours("compare", before, after)
    print(f"    compare {before.name} {after.name}: exit code {code}\n{text}", flush=True)


def main() -> int:
    """Exit 0 where everything could be asked; 2 where the real vLLM can't be had."""
    try:
        python = install()
    except NotHere as error:
        print(f"make live-answers needs the real vLLM, and can't have it here: {error}.", file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    write_model(FOLDER / "model")
    roomy = ("--num-gpu-blocks-override", "256", "--max-num-batched-tokens", str(TOKENS))
    with ExitStack() as stack:
        limits = {"many": MANY, "few": FEW}
        servers = [
            vllm(python, FOLDER / "model", FOLDER / f"{name}.log", *roomy, "--max-num-seqs", str(number))
            for name, number in limits.items()
        ]
        with ThreadPoolExecutor(len(servers)) as pool:
            many, few = pool.map(stack.enter_context, servers)
        rough = _rate(_played(many, "first", FIRST, None))
        light = _played(many, "light", LIGHT, 0.5 * rough)
        _predicted(light)
        more = _played(many, "more", OTHER, 0.7 * rough)
        _predicted(more)
        _compared(light, more)
        print(
            f"    saturated, it finishes {_rate(_played(many, 'full', FULL, None)):.2f} requests per second", flush=True
        )
        _compared(more, _played(few, "few", OTHER, 0.7 * rough))
    return 0


if __name__ == "__main__":
    sys.exit(main())
