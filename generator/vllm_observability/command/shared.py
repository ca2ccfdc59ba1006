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
settings_option = click.option(
    "--settings", "settings_file", type=_FILE, help="Settings file of your site: YAML, JSON or Jsonnet."
)


def settings_from(path: Path | None, redact: bool = False) -> Settings:
    """A site's choices, or the defaults; `redact`: what is wrong with them may hold names, so it is not said."""
    if path is None:
        return Settings()
    from vllm_observability.settings import load

    try:
        return load(path)
    except SettingsError as error:
        hidden = "the settings file can't be used; without --redact you see why"
        raise Unusable(hidden if redact else str(error)) from None


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
        settings_option,
        click.option("--lang", type=click.Choice(["en", "pt-BR"]), default="en", show_default=True,
                     help="Report language (not for JSON)."),
        click.option("--format", "form", type=click.Choice(["text", "markdown", "html", "json"]), default="text",
                     show_default=True, help="Output format."),
    ):  # fmt: skip
        command = option(command)
    return command


def history_options(since: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A Prometheus in place of a folder, for how long by default, and of which series."""
    options = (
        click.option("--selector", default="", metavar="MATCHERS",
                     help="Only series with these labels (--prometheus only)."),
        click.option("--since", callback=duration, metavar="DURATION",
                     help=f"Time span to read (--prometheus only; default: {since})."),
        click.option("--prometheus", metavar="URL", help="Ask this Prometheus instead of reading a folder."),
    )  # fmt: skip

    def added(command: Callable[..., None]) -> Callable[..., None]:
        for option in options:
            command = option(command)
        return command

    return added


def given() -> set[str]:
    """Options and arguments that stand on the command line, by their parameters' names."""
    context = click.get_current_context()
    source = click.core.ParameterSource.COMMANDLINE
    return {name for name in context.params if context.get_parameter_source(name) is source}


def access_options(command: Callable[..., None]) -> Callable[..., None]:
    """How URLs are fetched, the same for every command that does."""
    for option in (
        click.option(
            "--timeout",
            type=click.FloatRange(min=0, min_open=True),
            default=10.0,
            show_default=True,
            metavar="SECONDS",
            help="Longest wait for one answer; all answers of a Prometheus together may take twelve times as long.",
        ),
        click.option("--ca-file", type=_FILE, help="Certificate authority to trust for https."),
        click.option("--bearer-token-file", type=_FILE, help="File with a token to send to the server."),
        click.option(
            "--header",
            "headers",
            multiple=True,
            callback=_headers,
            metavar="'NAME: VALUE'",
            help="HTTP header to send; repeatable.",
        ),
    ):
        command = option(command)
    return command


def put(text: str, color: bool | None = None) -> None:
    """On standard output; one sentence where that can't be written."""
    import errno

    try:
        click.echo(text, nl=False, color=color)
    except OSError as error:
        if error.errno == errno.EPIPE:  # the reader has seen enough, as `head` does; click ends quietly
            raise
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - or Python tries once more on its way out
        raise Unusable(f"the report can't be written: {error.strerror or error}") from None


def looks(plain: int) -> tuple[bool, int]:
    """Whether standard output takes colour, and its columns, 100 at most; `plain`: where it is no terminal."""
    terminal = getattr(sys.stdout, "isatty", bool)()  # no stream at all where it was closed
    color = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return color, max(60, min(shutil.get_terminal_size((plain, 24)).columns, 100)) if terminal else plain


def write_document(text: Document, form: str, lang: str) -> None:
    """A document on standard output, as text, Markdown or HTML."""
    from vllm_observability.words.languages import LANGUAGES

    if form == "markdown":
        from vllm_observability.render.report.markdown import document_markdown

        put(document_markdown(text))
    elif form == "html":
        from vllm_observability.render.report.html import document_html

        put(document_html(text, LANGUAGES[lang]))
    else:
        from vllm_observability.render.report.text import document_text

        color, width = looks(100)
        put(document_text(text, color=color, width=width), color)
