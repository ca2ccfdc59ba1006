"""`vllm-obs objectives`: which objectives and thresholds fit this hardware and load?"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from vllm_observability.command.shared import (
    EXIT_CANT_TELL,
    access_options,
    given,
    history_options,
    put,
    settings_from,
    settings_option,
)
from vllm_observability.command.unusable import Unusable

_DEFAULT = 14 * 86_400.0


@click.command()
@click.argument("folder", required=False, metavar="[FOLDER]")
@history_options("14d")
@click.option(
    "--lang",
    type=click.Choice(["en", "pt-BR"]),
    default="en",
    show_default=True,
    help="Language of the comments in the file.",
)
@settings_option
@access_options
def objectives(
    folder: str | None,
    prometheus: str | None,
    since: float | None,
    selector: str,
    lang: str,
    settings_file: Path | None,
    headers: tuple[tuple[str, str], ...],
    bearer_token_file: Path | None,
    ca_file: Path | None,
    timeout: float,
) -> None:
    """Propose a settings file: objectives and thresholds in seconds for each model, from its own history.

    By default, first tokens and token gaps are judged beside the work, which fits every model. If you promise seconds,
    this command finds the tightest ones at which no alert would have fired, with room to spare, and lists the alerts
    that would have. Seconds are bucket bounds of the histograms. FOLDER holds pages of /metrics, as for `capacity`.

    \b
    Examples:
      vllm-obs objectives --prometheus http://prometheus:9090 --since 14d > site.yaml
      vllm-obs objectives pages/

    Exit codes: 0 proposed for at least one model; 2 the input is unusable; 3 too little traffic was seen.
    """
    from vllm_observability.objectives import propose
    from vllm_observability.objectives.history import of_pages, of_prometheus
    from vllm_observability.pages.sources import Access, SourceError
    from vllm_observability.render.report.objectives import settings_file as written
    from vllm_observability.settings.selectors import SelectorError
    from vllm_observability.words.languages import LANGUAGES

    if bool(folder) == bool(prometheus):
        raise click.UsageError("give a FOLDER of pages, or --prometheus URL")
    if folder and given() & {"since", "selector"}:
        raise click.UsageError("--since and --selector need --prometheus")
    settings = settings_from(settings_file)
    try:
        if prometheus:
            access = Access(headers, bearer_token_file, ca_file, timeout)
            found = of_prometheus(prometheus, since or _DEFAULT, selector, access, settings)
        else:
            from vllm_observability.intervals.folder import read_folder

            found = of_pages(read_folder(str(folder), settings, None).side)
    except SourceError as error:
        raise Unusable(str(error)) from None
    except SelectorError as error:
        raise click.UsageError(f"--selector {selector!r} {error}") from None
    proposals = [propose(history) for history in found]
    put(written(proposals, settings, LANGUAGES[lang]))
    if not any(proposal.rows for proposal in proposals):
        sys.exit(EXIT_CANT_TELL)
