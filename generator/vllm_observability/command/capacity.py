"""`vllm-obs capacity`: how much more fits?"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vllm_observability.command.shared import (
    EXIT_CANT_TELL,
    access_options,
    given,
    history_options,
    output_options,
    settings_from,
    write_document,
)
from vllm_observability.command.unusable import Unusable

if TYPE_CHECKING:
    from vllm_observability.capacity.records import Objectives
    from vllm_observability.settings import Settings


def _load(_: click.Context, __: click.Parameter, value: str) -> float:
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)x?", value)
    if not found or float(found[1]) <= 0:
        raise click.BadParameter("must be a factor on the present load, such as 2x")
    return float(found[1])


@click.command()
@click.argument("folder", required=False, metavar="[FOLDER]")
@history_options("1h")
@click.option(
    "--for-load",
    callback=_load,
    default="1x",
    show_default=True,
    metavar="FACTOR",
    help="Say how many engines this multiple of the present load needs.",
)
@click.option("--max-num-seqs", type=click.IntRange(min=1), metavar="N", help="The engines' own --max-num-seqs.")
@click.option(
    "--max-num-batched-tokens", type=click.IntRange(min=1), metavar="N", help="Their --max-num-batched-tokens."
)
@output_options
@access_options
def capacity(
    folder: str | None,
    prometheus: str | None,
    since: float | None,
    selector: str,
    for_load: float,
    max_num_seqs: int | None,
    max_num_batched_tokens: int | None,
    form: str,
    lang: str,
    settings_file: Path | None,
    redact: bool,
    headers: tuple[tuple[str, str], ...],
    bearer_token_file: Path | None,
    ca_file: Path | None,
    timeout: float,
) -> None:
    """Estimate how much more load fits, and which limit is reached first.

    FOLDER holds pages of /metrics, DIR/<instance>/<seconds>.txt, or DIR/<seconds>.txt of one server, saved about every
    15 s, better over 30 minutes than over 10. Metrics do not show the limits that engines were started with, so give
    them.

    \b
    Examples:
      vllm-obs capacity pages/ --max-num-seqs 256 --max-num-batched-tokens 8192
      vllm-obs capacity pages/ --for-load 2x --format json
      vllm-obs capacity --prometheus http://prometheus:9090 --since 1h --selector 'namespace="chat"'

    Exit codes: 0 answered for at least one model; 2 the input is unusable; 3 refused, with the reason.
    """
    from vllm_observability.capacity import capacity as told
    from vllm_observability.intervals import CannotTell
    from vllm_observability.pages.redact import Redaction
    from vllm_observability.pages.sources import Access, SourceError

    if bool(folder) == bool(prometheus):
        raise click.UsageError("give a FOLDER of pages, or --prometheus URL")
    if folder and given() & {"since", "selector"}:
        raise click.UsageError("--since and --selector need --prometheus")
    settings = settings_from(settings_file, redact)
    redaction = Redaction(settings.metric_prefixes, frozenset(settings.scope_labels)) if redact else None
    try:
        if prometheus:
            from vllm_observability.intervals.asked import Ask, one_side

            access = Access(headers, bearer_token_file, ca_file, timeout)
            side = one_side(prometheus, Ask(None, selector, since or 3600.0), access, settings, redaction)
        else:
            from vllm_observability.intervals.folder import read_folder

            side = read_folder(str(folder), settings, redaction).side
        objectives = {model: _objectives(model, settings) for model in side.models}
        found = told(side, objectives, for_load, max_num_seqs, max_num_batched_tokens)
    except SourceError as error:
        raise Unusable(str(error.hidden(redaction) if redaction else error)) from None
    except CannotTell as error:
        click.echo(f"Can't tell: {error}", err=True)
        sys.exit(EXIT_CANT_TELL)
    if form == "json":
        from vllm_observability.render.report.capacity import capacity_json

        click.echo(capacity_json(found), nl=False)
    else:
        from vllm_observability.render.report.capacity import capacity_document
        from vllm_observability.words.languages import LANGUAGES

        write_document(capacity_document(found, LANGUAGES[lang]), form, lang)
    if not found.answered:
        sys.exit(EXIT_CANT_TELL)


# What a prediction keeps to, in seconds, where an objective is judged beside the work of requests yet to come.
_PLAIN = {"ttft": (1.0, 0.95), "itl": (0.1, 0.99)}


def _objectives(model: str, settings: Settings) -> Objectives:
    """The site's own, by kind: the first that fits the model."""
    found: dict[str, tuple[float, float]] = {}
    for objective in settings.objectives:
        if re.fullmatch(objective.match, model) and (objective.within is not None or objective.of in _PLAIN):
            seconds = _PLAIN[objective.of] if objective.within is None else (objective.within, objective.target)
            found.setdefault(objective.of, seconds)
    return found
