"""Folders of pages with small made traffic, for what reads many scrapes."""

from __future__ import annotations

from pathlib import Path

from vllm_observability.simulate.engine import Conditions
from vllm_observability.simulate.server import Server, Setup
from vllm_observability.simulate.traffic import Traffic

START = 1_767_225_600.0


def write_pages(
    folder: Path,
    *,
    rate: float = 4.0,
    speed: float = 1.0,
    minutes: float = 12,
    engines: int = 2,
    every: float = 15.0,
    start: float = START,
    model: str = "acme/chat",
    version: str = "0.33.0",
    hardware: str = "8b-datacentre",
    seed: str = "s",
    output: float = 120.0,
    config: dict[str, str] | None = None,
    drafts: int = 0,
    prefixes: int = 20,
    patience: float = 60.0,
) -> Path:
    """Pages of some engines under poisson traffic; `speed` 0.9 makes each step take a ninth longer."""
    traffic = Traffic(rate=rate, prompt=400, output=output, aborts=0.0, prefixes=prefixes, patience=patience)
    features = ("--speculative-config",) if drafts else ()
    setup = Setup(
        model=model, version=version, hardware=hardware, traffic=traffic, config=config or {}, features=features,
        conditions=Conditions(speed=speed, drafts=drafts),
    )  # fmt: skip
    for number in range(engines):
        server = Server(setup, f"{seed}/{number}", start - 600, serving=start - 120)
        target = folder / f"chat-{number}:8000"
        target.mkdir(parents=True)
        at = start
        while at <= start + minutes * 60:
            server.run(at)
            (target / f"{at:.0f}.txt").write_text(server.page().text())
            at += every
    return folder
