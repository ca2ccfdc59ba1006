"""Options and output that several commands have in common."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vllm_observability.command.unusable import Unusable
from vllm_observability.settings import Settings, SettingsError

if TYPE_CHECKING:
    from vllm_observability.render.report.document import Document

EXIT_FINDINGS = 1
EXIT_CANT_TELL = 3

_FILE = click.Path(dir_okay=False, path_type=Path)


def settings_from(path: Path | None) -> Settings:
    """A site's choices, or the defaults."""
    if path is None:
        return Settings()
    from vllm_observability.settings import load

    try:
        return load(path)
    except SettingsError as error:
        raise Unusable(str(error)) from None


def _headers(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    pairs = []
    for value in values:
        name, colon, content = value.partition(":")
        if not colon or not name.strip():
            raise click.BadParameter("must be of the form 'Name: value'")
        pairs.append((name.strip(), content.strip()))
    return tuple(pairs)


def duration(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    """Seconds of a duration such as 30m."""
    from vllm_observability.settings.durations import seconds

    if value is None:
        return None
    found = seconds(value)
    if not found:
        raise click.BadParameter("must be a duration such as 30m, 1h or 7d")
    return found


def output_options(command: Callable[..., None]) -> Callable[..., None]:
    """Format, language, settings and redaction."""
    for option in (
        click.option("--redact", is_flag=True, help="Replace names of models, hosts and paths."),
        click.option("--settings", "settings_file", type=_FILE,
                     help="YAML, JSON or Jsonnet file with a site's choices."),
        click.option("--lang", type=click.Choice(["en", "pt-BR"]), default="en", show_default=True),
        click.option("--format", "form", type=click.Choice(["text", "markdown", "html", "json"]), default="text",
                     show_default=True),
    ):  # fmt: skip
        command = option(command)
    return command


def access_options(command: Callable[..., None]) -> Callable[..., None]:
    """How a Prometheus is reached."""
    for option in (
        click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=10.0, show_default=True,
                     metavar="SECONDS"),
        click.option("--ca-file", type=_FILE, help="Certificate authority for https."),
        click.option("--bearer-token-file", type=_FILE, help="Token for URLs."),
        click.option("--header", "headers", multiple=True, callback=_headers, metavar="'NAME: VALUE'",
                     help="For URLs; repeatable."),
    ):  # fmt: skip
        command = option(command)
    return command


def write_document(text: Document, form: str, lang: str) -> None:
    """A document on standard output, as text, Markdown or HTML."""
    from vllm_observability.words.languages import LANGUAGES

    if form == "markdown":
        from vllm_observability.render.report.markdown import document_markdown

        click.echo(document_markdown(text), nl=False)
    elif form == "html":
        from vllm_observability.render.report.html import document_html

        click.echo(document_html(text, LANGUAGES[lang]), nl=False)
    else:
        from vllm_observability.render.report.text import document_text

        terminal = getattr(sys.stdout, "isatty", bool)()
        color = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        width = min(shutil.get_terminal_size((100, 24)).columns, 100) if terminal else 100
        click.echo(document_text(text, color=color, width=max(width, 60)), nl=False, color=color)
