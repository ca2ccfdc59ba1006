"""`vllm-obs compare`: did the change make it slower, or is it the load?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vllm_observability.command.shared import (
    EXIT_CANT_TELL,
    EXIT_FINDINGS,
    access_options,
    duration,
    given,
    output_options,
    settings_from,
    write_document,
)
from vllm_observability.command.unusable import Unusable

if TYPE_CHECKING:
    from vllm_observability.intervals import Side
    from vllm_observability.pages.redact import Redaction
    from vllm_observability.pages.snapshot import Snapshot
    from vllm_observability.pages.sources import Access
    from vllm_observability.settings import Settings


@click.command()
@click.argument("folders", nargs=-1, metavar="[BEFORE AFTER]")
@click.option("--prometheus", metavar="URL", help="Ask this Prometheus instead of reading folders.")
@click.option("--before", metavar="START/END", help="First time span, in RFC 3339 or Unix seconds (--prometheus only).")
@click.option("--after", metavar="START/END", help="Second time span (with --before).")
@click.option("--a", "matchers_a", metavar="MATCHERS", help="Labels of the first group of engines (--prometheus only).")
@click.option(
    "--b", "matchers_b", metavar="MATCHERS", help="Labels of the second group, over the same time (with --a)."
)
@click.option(
    "--since", callback=duration, metavar="DURATION", help="Time span of both groups (with --a and --b; default: 1h)."
)
@click.option("--selector", default="", metavar="MATCHERS", help="Only series with these labels (--prometheus only).")
@click.option(
    "--fail-on-regression", type=click.FloatRange(min=0), default=5.0, show_default=True, metavar="PERCENT",
    help="Exit 1 if a question is worse by more than this.",
)  # fmt: skip
@output_options
@access_options
def compare(
    folders: tuple[str, ...],
    prometheus: str | None,
    before: str | None,
    after: str | None,
    matchers_a: str | None,
    matchers_b: str | None,
    since: float | None,
    selector: str,
    fail_on_regression: float,
    form: str,
    lang: str,
    settings_file: Path | None,
    redact: bool,
    headers: tuple[tuple[str, str], ...],
    bearer_token_file: Path | None,
    ca_file: Path | None,
    timeout: float,
) -> None:
    """Tell whether engines became slower, or only their load changed.

    BEFORE and AFTER are folders of pages of /metrics, DIR/<instance>/<seconds>.txt, or DIR/<seconds>.txt of one server,
    saved about every 15 s. A Prometheus gives two time spans of one fleet, or two groups of engines over one span.

    \b
    Examples:
      vllm-obs compare before/ after/
      vllm-obs compare before/ after/ --format markdown >> "$GITHUB_STEP_SUMMARY"
      vllm-obs compare --prometheus http://prom:9090 \\
        --before 2026-03-01T10:00Z/2026-03-01T10:30Z --after 2026-03-01T11:00Z/2026-03-01T11:30Z
      vllm-obs compare --prometheus http://prom:9090 --a 'track="old"' --b 'track="new"'

    Exit codes: 0 same or better; 1 worse by more than --fail-on-regression; 2 the input is unusable; 3 can't tell.
    """
    from vllm_observability.compare import GROUPS, TIMES, changes
    from vllm_observability.compare import compare as compared
    from vllm_observability.intervals import CannotTell
    from vllm_observability.pages.redact import Redaction
    from vllm_observability.pages.sources import Access, SourceError

    if bool(folders) == bool(prometheus) or (folders and len(folders) != 2):
        raise click.UsageError("give two folders, BEFORE and AFTER, or --prometheus URL with two sides")
    if folders and given() & {"before", "after", "matchers_a", "matchers_b", "since", "selector"}:
        raise click.UsageError("--before, --after, --a, --b, --since and --selector need --prometheus")
    settings = settings_from(settings_file, redact)
    redaction = Redaction(settings.metric_prefixes, frozenset(settings.scope_labels)) if redact else None
    access = Access(headers, bearer_token_file, ca_file, timeout)
    try:
        if prometheus:
            spans = (before, after, matchers_a, matchers_b)
            sides, pages = _asked(prometheus, spans, since, selector, access, settings, redaction)
        else:
            sides, pages = _read(folders, settings, redaction)
        found = compared(
            *sides, changes=changes(*sides, pages, settings), within=fail_on_regression,
            called=TIMES if matchers_a is None else GROUPS,
        )  # fmt: skip
    except SourceError as error:
        raise Unusable(str(error.hidden(redaction) if redaction else error)) from None
    except CannotTell as error:
        click.echo(f"Can't tell: {error}", err=True)
        sys.exit(EXIT_CANT_TELL)
    if form == "json":
        from vllm_observability.render.report.comparison import comparison_json

        click.echo(comparison_json(found), nl=False)
    else:
        from vllm_observability.render.report.comparison import comparison_document
        from vllm_observability.words.languages import LANGUAGES

        write_document(comparison_document(found, LANGUAGES[lang]), form, lang)
    if found.regressed(fail_on_regression):
        sys.exit(EXIT_FINDINGS)
    if found.verdict == "can't tell":
        sys.exit(EXIT_CANT_TELL)


def _read(
    folders: tuple[str, ...], settings: Settings, redaction: Redaction | None
) -> tuple[tuple[Side, Side], tuple[Snapshot, Snapshot]]:
    from vllm_observability.intervals.folder import read_folder

    before, after = (read_folder(folder, settings, redaction) for folder in folders)
    return (before.side, after.side), (before.last, after.last)


def _asked(
    url: str,
    spans: tuple[str | None, str | None, str | None, str | None],
    since: float | None,
    selector: str,
    access: Access,
    settings: Settings,
    redaction: Redaction | None,
) -> tuple[tuple[Side, Side], tuple[Snapshot, Snapshot]]:
    from vllm_observability.intervals.asked import Ask, span_of, two_sides

    before, after, a, b = spans
    if (before is None) != (after is None) or (a is None) != (b is None) or (before is None) == (a is None):
        raise click.UsageError("with --prometheus give --before and --after, or --a and --b")
    if before is not None and since is not None:
        raise click.UsageError("--since goes with --a and --b; --before and --after have their own times")
    try:
        asks = (
            [Ask(span_of(text), selector) for text in (before, after)]
            if before is not None
            else [Ask(None, ",".join(filter(None, (text, selector))), since or 3600.0) for text in (a, b)]
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    return two_sides(url, asks, access, settings, redaction)
