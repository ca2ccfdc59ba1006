"""`vllm-obs simulate`: a fleet that does not exist, on HTTP or as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vllm_observability.command.shared import duration, given
from vllm_observability.command.unusable import Unusable

if TYPE_CHECKING:
    from vllm_observability.simulate.show import Play

PLAIN_RATE = 0.5
# Options of a fleet that is served.
_SERVED = ("speed", "listen")


@click.command()
@click.option("--engines", type=click.IntRange(1, 10_000), default=3, show_default=True, help="Number of servers.")
@click.option(
    "--models",
    type=click.IntRange(1, 1000),
    default=1,
    show_default=True,
    help="Number of models that share the servers.",
)
@click.option(
    "--rate",
    type=click.FloatRange(min=0),
    help=f"Requests per second and server (default: {PLAIN_RATE}; for a trace, as recorded).",
)
@click.option(
    "--hardware",
    metavar="NAME",
    default="8b-datacentre",
    show_default=True,
    help="GPU and model size to simulate; --list names them.",
)
@click.option("--vllm-version", metavar="VERSION", default="0.33.0", show_default=True, help="vLLM version to imitate.")
@click.option("--scenario", metavar="NAME|FILE", help="Incident to play, with its own fleet; --list names them.")
@click.option(
    "--begin",
    metavar="DURATION",
    default="",
    help="Point in the scenario to start at (default: 1m before the incident).",
)
@click.option(
    "--trace",
    metavar="FILE|FOLDER",
    type=click.Path(path_type=Path),
    help="Play recorded requests. Each trace of a folder becomes a model with its own --engines servers.",
)
@click.option(
    "--slowdown",
    type=click.FloatRange(min=0.01, max=100),
    default=1.0,
    show_default=True,
    help="Make every step this many times as long.",
)
@click.option("--seed", type=int, help="Random seed; the same seed gives the same pages.")
@click.option(
    "--pages",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write pages to DIR/<instance>/<seconds>.txt instead of serving them.",
)
@click.option(
    "--every", metavar="DURATION", callback=duration, help="Time between two pages (with --pages; default: 15s)."
)
@click.option(
    "--lasts",
    metavar="DURATION",
    callback=duration,
    help="Time that the pages cover (with --pages; default: the trace or the scenario, else 30m).",
)
@click.option(
    "--speed", type=click.FloatRange(0.1, 100), default=1.0, show_default=True, help="Speed of the fleet's clock."
)
@click.option(
    "--listen", metavar="HOST:PORT", default="127.0.0.1:8000", show_default=True, help="Address to serve the pages on."
)
@click.option("--list", "listed", is_flag=True, help="List the scenarios and the hardware, then exit.")
def simulate(
    engines: int,
    models: int,
    rate: float | None,
    hardware: str,
    vllm_version: str,
    scenario: str | None,
    begin: str,
    trace: Path | None,
    slowdown: float,
    seed: int | None,
    pages: Path | None,
    every: float | None,
    lasts: float | None,
    speed: float,
    listen: str,
    listed: bool,
) -> None:
    """Simulate a fleet's /metrics pages, for a demo without a GPU or a test of alerts.

    Each server has its own page, as vLLM would show it; /sd lists the servers for Prometheus' http_sd_configs.

    A trace is a CSV file (gzipped or not) with the columns seconds,prompt_tokens,output_tokens and, where prompts share
    beginnings, blocks: an id for each 512 tokens of the prompt, separated by blanks. Azure's CSV and Mooncake's JSONL
    work too. A request goes to the server that has the fewest. --rate makes the trace's time run faster or slower;
    after its last request the trace begins again, with new prompts. A server's context is as long as the trace needs
    and the KV cache holds; a longer prompt is refused.

    \b
    Examples:
      vllm-obs simulate
      vllm-obs simulate --engines 8 --models 2 --vllm-version 0.10.2
      vllm-obs simulate --scenario overload
      vllm-obs simulate --trace requests.csv.gz --engines 4 --rate 2
      vllm-obs simulate --trace requests.csv.gz --pages DIR --lasts 30m --slowdown 1.1 --seed 2
      vllm-obs simulate --list

    Exit codes: 0 stopped by Ctrl-C, listed, or the pages are written; 2 bad usage, an unreadable trace, or an address
    that is not free.
    """
    from vllm_observability.simulate import show
    from vllm_observability.simulate.recorded import TraceError, read_all
    from vllm_observability.simulate.story import StoryError

    if listed:
        click.echo(show.listing(), nl=False)
        return
    _check_usage(given())
    try:
        address = show.address(listen)
        fleet = show.Plain(engines, models, PLAIN_RATE if rate is None else rate, hardware, vllm_version)
        if scenario:
            play = show.told(scenario, begin)
        elif trace:
            play = show.replay(read_all(trace), fleet, as_recorded=rate is None)
        else:
            play = show.steady(fleet)
        play = show.changed(play, slowdown, seed)
        if pages:
            _write(play, pages, every or 15.0, lasts)
            return
        show.run(play.stage(speed), address, click.echo)
    except (StoryError, TraceError) as error:
        raise Unusable(str(error)) from None
    except OSError as error:
        raise Unusable(f"{listen} can't be listened on: {error.strerror or error}") from None


def _check_usage(names: set[str]) -> None:
    """Options that do not go together are a mistake, not a wish to be ignored."""
    if {"scenario", "trace"} <= names:
        raise click.UsageError("--trace and --scenario are two kinds of traffic; give one of them")
    if "models" in names and "trace" in names:
        raise click.UsageError("--models does not go with --trace: each trace is a model")
    if "pages" not in names and {"every", "lasts"} & names:
        raise click.UsageError("--every and --lasts need --pages")
    if "pages" in names and "begin" in names:
        raise click.UsageError("--begin does not go with --pages, which are written from the beginning")
    if "pages" in names and (unused := sorted(names & set(_SERVED))):
        raise click.UsageError(f"--{unused[0]} does not go with --pages: nothing is served")


def _write(play: Play, folder: Path, every: float, lasts: float | None) -> None:
    from vllm_observability.simulate import show

    try:
        click.echo(show.write(play, folder, every, play.lasts if lasts is None else lasts))
    except OSError as error:
        raise Unusable(f"{error.filename or folder} can't be written: {error.strerror or error}") from None
