"""`vllm-obs review`: the story of a week, or of an incident."""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vllm_observability.command.shared import (
    access_options,
    duration,
    output_options,
    put,
    settings_from,
    write_document,
)
from vllm_observability.command.unusable import Unusable

if TYPE_CHECKING:
    from vllm_observability.render.report.document import Document
    from vllm_observability.review.asking import Inquiry

_SINCE = 7 * 86_400.0


def _moment(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    from vllm_observability.intervals.asked import moment

    try:
        return None if value is None else moment(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command()
@click.option("--prometheus", metavar="URL", required=True, help="Prometheus to ask.")
@click.option(
    "--since",
    callback=duration,
    metavar="DURATION",
    help="Tell the story of this time span, in whole hours (default: 7d).",
)
@click.option(
    "--from",
    "begin",
    callback=_moment,
    metavar="TIME",
    help="Tell the story of an incident that begins at TIME, or some minutes later.",
)
@click.option(
    "--to", "end", callback=_moment, metavar="TIME", help="End of the incident, or of the --since span (default: now)."
)
@click.option("--alert", metavar="NAME", help="Tell what led to the last firing of this alert.")
@click.option("--selector", default="", metavar="MATCHERS", help="Only series with these labels.")
@output_options
@access_options
def review(
    prometheus: str,
    since: float | None,
    begin: float | None,
    end: float | None,
    alert: str | None,
    selector: str,
    form: str,
    lang: str,
    settings_file: Path | None,
    redact: bool,
    headers: tuple[tuple[str, str], ...],
    bearer_token_file: Path | None,
    ca_file: Path | None,
    timeout: float,
) -> None:
    """Tell the story of a week, or of an incident.

    For a week, the review tells how much work was done, where the engine-hours went, what they cost, when users waited
    and what to do first. For an incident, it tells which sign came first, on which engines, what followed, what users
    felt and how long it lasted. Times are RFC 3339 or Unix seconds. Costs need price_per_engine_hour in the settings.

    \b
    Examples:
      vllm-obs review --prometheus http://prom:9090
      vllm-obs review --prometheus http://prom:9090 --since 1d --format html > day.html
      vllm-obs review --prometheus http://prom:9090 --alert VllmTargetDown --format markdown
      vllm-obs review --prometheus http://prom:9090 \\
        --from 2026-03-01T10:00Z --to 2026-03-01T11:30Z

    Exit codes: 0 the story is told; 2 the input is unusable, or Prometheus has no vLLM data for this time.
    """
    from vllm_observability.pages.redact import Redaction
    from vllm_observability.pages.sources import Access, SourceError
    from vllm_observability.prometheus import Api
    from vllm_observability.review.asking import Inquiry, chosen_by

    if begin is not None and (since is not None or alert is not None):
        raise click.UsageError("--from and --to choose an incident and --since a week; --alert finds its own time")
    if alert is not None and (since is not None or end is not None):
        raise click.UsageError("--alert finds its own time: leave out --since and --to")
    settings = settings_from(settings_file, redact)
    redaction = Redaction() if redact else None
    try:
        api = Api(prometheus.rstrip("/"), Access(headers, bearer_token_file, ca_file, timeout), settings.limits.bytes)
        with _progress() as told:
            inquiry = Inquiry(api, settings, chosen_by(selector), redaction, told, _remark)
            if alert is not None or begin is not None:
                text, document = _incident(inquiry, begin, end, alert, form, lang)
            else:
                text, document = _week(inquiry, since or _SINCE, end, form, lang)
    except SourceError as error:
        raise Unusable(str(error.hidden(redaction) if redaction else error)) from None
    if document is None:
        put(text)
    else:
        write_document(document, form, lang)
    for note in () if redaction else api.remarks:
        click.echo(f"the server remarks: {note}", err=True)


def _week(inquiry: Inquiry, since: float, end: float | None, form: str, lang: str) -> tuple[str, Document | None]:
    from vllm_observability.review.asked_week import HOUR, read_week
    from vllm_observability.review.week import week

    until = end if end is not None else math.floor(inquiry.api.now() / HOUR) * HOUR
    found = week(read_week(inquiry, until - since, until), inquiry.settings)
    if form == "json":
        from vllm_observability.render.review.json import week_json

        return week_json(found), None
    from vllm_observability.render.review.week import week_document
    from vllm_observability.words.languages import LANGUAGES

    return "", week_document(found, LANGUAGES[lang])


def _incident(
    inquiry: Inquiry, begin: float | None, end: float | None, alert: str | None, form: str, lang: str
) -> tuple[str, Document | None]:
    from vllm_observability.review.asked_incident import read_incident, span_of_alert
    from vllm_observability.review.incident import incident

    now = inquiry.api.now()
    if alert is not None:
        span = span_of_alert(inquiry.last_firing(alert, now), now)
    else:
        assert begin is not None
        span = (begin, now if end is None else end)
    found = incident(read_incident(inquiry, *span, alert), inquiry.settings)
    if form == "json":
        from vllm_observability.render.review.json import incident_json

        return incident_json(found), None
    from vllm_observability.render.review.incident import incident_document
    from vllm_observability.words.languages import LANGUAGES

    return "", incident_document(found, LANGUAGES[lang])


def _remark(text: str) -> None:
    click.echo(text, err=True)


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[int, str], None] | None]:
    """Tells what is read, on one line of a terminal that is then empty again; nothing elsewhere."""
    if not getattr(sys.stderr, "isatty", bool)():
        yield None
        return
    try:
        yield lambda asked, what: click.echo(f"\r{f'question {asked}: {what}':60}", err=True, nl=False)
    finally:
        click.echo(f"\r{'':60}\r", err=True, nl=False)
