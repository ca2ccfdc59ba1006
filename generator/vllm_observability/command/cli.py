"""The command line: the only reader of arguments and the only writer of files."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vllm_observability import __version__
from vllm_observability.command.capacity import capacity
from vllm_observability.command.compare import compare
from vllm_observability.command.objectives import objectives
from vllm_observability.command.review import review
from vllm_observability.command.shared import (
    EXIT_FINDINGS,
    access_options,
    duration,
    given,
    looks,
    put,
    settings_from,
    settings_option,
)
from vllm_observability.command.simulate import simulate
from vllm_observability.command.unusable import Commands, Unusable
from vllm_observability.settings import Settings, SettingsError

if TYPE_CHECKING:
    from vllm_observability.pages.evaluate import Window
    from vllm_observability.pages.source import Source
    from vllm_observability.report.records import Report
    from vllm_observability.words.phrases import Language

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=Commands, context_settings=_CONTEXT)
@click.version_option(__version__, prog_name="vllm-obs")
def main() -> None:
    """Reports, dashboards and alerts for vLLM servers.

    \b
    Examples:
      vllm-obs analyze http://localhost:8000/metrics
      vllm-obs analyze before.txt after.txt --format json
      vllm-obs build --out ./bundle --settings site.yaml
      vllm-obs simulate --scenario overload

    \b
    Shell completion (bash; zsh and fish alike):
      eval "$(_VLLM_OBS_COMPLETE=bash_source vllm-obs)"
    """


main.add_command(simulate)


# --------------------------------------------------------------------------------------------- analyze


@main.command()
@click.argument("sources", nargs=-1, metavar="SOURCE [LATER]")
@click.option("--prometheus", metavar="URL", help="Ask this Prometheus instead of reading pages.")
@click.option("--model", metavar="REGEX", help="Only models whose name matches (--prometheus only).")
@click.option("--selector", default="", metavar="MATCHERS", help="Only series with these labels (--prometheus only).")
@click.option(
    "--since",
    default="1h",
    show_default=True,
    callback=duration,
    metavar="DURATION",
    help="Time span to report on (--prometheus only).",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "html", "json"]),
    default="text",
    show_default=True,
    help="Output format.",
)
@click.option(
    "--lang",
    type=click.Choice(["en", "pt-BR"]),
    default="en",
    show_default=True,
    help="Report language (not for JSON).",
)
@settings_option
@click.option(
    "--redact",
    is_flag=True,
    help="Replace names of models, adapters, hosts and paths; each name keeps one replacement.",
)
@click.option(
    "--gap",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Time between the two pages, if they do not tell it.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["info", "warning", "critical"]),
    help="Exit 1 if a finding is at least this severe.",
)
@click.option(
    "--watch",
    type=click.FloatRange(min=0.1),
    metavar="SECONDS",
    help="Refresh every SECONDS (URL or --prometheus only).",
)
@access_options
def analyze(
    sources: tuple[str, ...],
    prometheus: str | None,
    model: str | None,
    selector: str,
    since: float,
    form: str,
    lang: str,
    settings_file: Path | None,
    redact: bool,
    gap: float | None,
    fail_on: str | None,
    watch: float | None,
    headers: tuple[tuple[str, str], ...],
    bearer_token_file: Path | None,
    ca_file: Path | None,
    timeout: float,
) -> None:
    """Report what a /metrics page means.

    SOURCE is a file, '-' for standard input, a URL, or a directory of pages (analyze reads the earliest and the
    latest). Give an earlier and a later page of one server to get rates per second too. A Prometheus gives both, for
    every server that it scrapes.

    \b
    Examples:
      vllm-obs analyze metrics.txt
      curl -s http://gpu1:8000/metrics | vllm-obs analyze -
      vllm-obs analyze https://gpu1/metrics --bearer-token-file token --fail-on warning
      vllm-obs analyze metrics.txt --format html > report.html
      vllm-obs analyze monday.txt tuesday.txt --gap 86400
      vllm-obs analyze http://localhost:8000/metrics --watch 5
      vllm-obs analyze --prometheus http://prometheus:9090 --model 'acme/.*' --since 1h

    Exit codes: 0 fine; 1 a finding at or above --fail-on; 2 the input is unreadable or has no vLLM metrics.
    """
    from vllm_observability.pages.redact import Redaction
    from vllm_observability.pages.sources import Access, SourceError
    from vllm_observability.report import analyse
    from vllm_observability.report.records import at_least

    if bool(prometheus) == bool(sources):
        raise click.UsageError("give a SOURCE, or --prometheus URL")
    if len(sources) > 2:
        raise click.UsageError("give one source, or an earlier and a later one")
    if sources and (model or selector):
        raise click.UsageError("--model and --selector need --prometheus; a page is read whole")
    if sources and "since" in given():
        raise click.UsageError("--since needs --prometheus; a page has the totals since the server started")
    if gap is not None and len(sources) == 1 and not Path(sources[0]).is_dir():
        raise click.UsageError("--gap is the time between two pages; give an earlier and a later one")
    if sources.count("-") > 1:
        raise click.UsageError("standard input can be only one of the two sources")
    settings = settings_from(settings_file, redact)
    access = Access(headers, bearer_token_file, ca_file, timeout)
    redaction = Redaction(settings.metric_prefixes, frozenset(settings.scope_labels)) if redact else None

    def look() -> tuple[Window, Source]:
        try:
            if prometheus:
                from vllm_observability.prometheus import Question, read_prometheus

                return read_prometheus(prometheus, Question(model, selector, since), access, settings, redaction)
            from vllm_observability.pages.sources import read

            return read(sources, access, settings.limits, gap, redaction, settings.metric_prefixes)
        except SourceError as error:
            raise (error.hidden(redaction) if redaction else error) from None

    if watch is not None:
        if form != "text" or len(sources) > 1 or not (prometheus or sources[0].startswith(("http://", "https://"))):
            raise click.UsageError("--watch needs one URL or --prometheus, and text as the format")
        _watch(look, watch, settings, lang)
        return
    try:
        window, source = look()
    except SourceError as error:
        raise Unusable(str(error)) from None
    report = analyse(window, source, settings)
    _write(report, form, lang)
    for note in source.notes:
        click.echo(f"the server remarks: {note}", err=True)
    if fail_on and at_least(report.worst, fail_on):  # type: ignore[arg-type]
        sys.exit(EXIT_FINDINGS)


def _watch(look: Callable[[], tuple[Window, Source]], seconds: float, settings: Settings, lang: str) -> None:
    """Look every `seconds` until q or Ctrl-C: a live screen on a terminal, lines elsewhere."""
    from vllm_observability.command.keys import keys, no_keys
    from vllm_observability.command.watch import watch
    from vllm_observability.words.languages import LANGUAGES

    terminal = getattr(sys.stdout, "isatty", bool)()
    with contextlib.suppress(KeyboardInterrupt), keys() if terminal else contextlib.nullcontext(no_keys) as wait:
        watch(look, seconds, settings, LANGUAGES[lang], sys.stdout, in_place=terminal, wait=wait)


def _write(report: Report, form: str, lang: str) -> None:
    """The report in one format; each loads what it needs alone, since starting Python is most of the time taken."""
    if form == "json":
        from vllm_observability.render.report.json import report_json

        put(report_json(report))
        return
    from vllm_observability.words.languages import LANGUAGES

    language = LANGUAGES[lang]
    if form == "markdown":
        from vllm_observability.render.report.markdown import report_markdown

        put(report_markdown(report, language=language))
    elif form == "html":
        from vllm_observability.render.report.html import report_html

        put(report_html(report, language=language))
    else:
        _print_text(report, language)


def _print_text(report: Report, language: Language) -> None:
    from vllm_observability.render.report.text import report_text

    color, width = looks(80)
    put(report_text(report, color=color, width=width, language=language), color)


# ----------------------------------------------------------------------------------------------- build


BUNDLE = Path("vllm-observability-bundle")


@main.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help=f"Directory to write to. Default: the current directory if it has a bundle, else ./{BUNDLE}.",
)
@settings_option
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the files differ from what a build would write.")
def build(out: Path | None, settings_file: Path | None, check: bool) -> None:
    """Write the bundle: dashboards, recording rules, alerts, runbooks and deployment files.

    A build removes files that the last build wrote and that are no longer needed; it touches no other file. If you
    edited an emitted file, the build replaces it and keeps your copy in .vllm-obs-edited.

    \b
    Examples:
      vllm-obs build --out ./bundle
      vllm-obs build --settings site.yaml --out ./bundle
      vllm-obs build --check

    Exit codes: 0 the files are written, or fresh; 1 --check found a difference; 2 the settings are unusable.
    """
    from vllm_observability.build.artefacts import artefacts
    from vllm_observability.build.files import MANIFEST, NotOurs, differences, write
    from vllm_observability.catalog.runbooks import NoRunbook

    out = out or (Path() if Path(MANIFEST).is_file() else BUNDLE)
    settings = settings_from(settings_file)
    try:
        files = artefacts(settings)
    except (SettingsError, NoRunbook) as error:
        raise Unusable(str(error)) from None
    if check:
        found = differences(out, files)
        for line in found:
            click.echo(line, err=True)
        if found:
            again = f" --settings {settings_file}" if settings_file else ""
            click.echo(f"To fix: vllm-obs build --out {out}{again}", err=True)
            sys.exit(EXIT_FINDINGS)
        click.echo(f"{len(files)} files are fresh.")
        return
    try:
        done = write(out, files)
    except OSError as error:
        raise Unusable(
            f"{error.filename2 or error.filename or out} can't be written: {error.strerror or error}"
        ) from None
    except NotOurs as error:
        raise Unusable(str(error)) from None
    for name, copy in done.kept.items():
        click.echo(f"{name} was edited or not written by a build: a copy is in {out / copy}", err=True)
    for name in done.left:
        click.echo(f"{name} is no longer written, but was edited: it stays", err=True)
    click.echo(f"{len(files)} files in {out.resolve()}, {done.changed} changed.")


# ---------------------------------------------------------------------------------------------- doctor


@main.command()
@click.argument("page", required=False, metavar="[PAGE]")
@click.option(
    "--prometheus", metavar="URL", help="Examine this Prometheus: targets, rules, and every query of every board."
)
@click.option("--from", "before", metavar="PAGE", help="A page from before an upgrade (with --to).")
@click.option("--to", "after", metavar="PAGE", help="A page from after the upgrade (with --from).")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Output format."
)
@settings_option
@click.option("--redact", is_flag=True, help="Replace names of hosts, jobs, models and of metrics that are not vLLM's.")
@access_options
def doctor(
    page: str | None,
    prometheus: str | None,
    before: str | None,
    after: str | None,
    form: str,
    settings_file: Path | None,
    redact: bool,
    headers: tuple[tuple[str, str], ...],
    bearer_token_file: Path | None,
    ca_file: Path | None,
    timeout: float,
) -> None:
    """Find empty panels and blind alerts, explain why, and say what to do.

    PAGE is a file or a URL; doctor checks which panels its names can fill. With --prometheus it runs every query. Two
    pages show what an upgrade would empty.

    \b
    Examples:
      vllm-obs doctor --prometheus http://prometheus:9090
      vllm-obs doctor http://gpu1:8000/metrics
      vllm-obs doctor --from old.txt --to new.txt

    Exit codes: 0 all is well; 1 something needs fixing; 2 nothing could be examined.
    """
    from vllm_observability import doctor as rooms
    from vllm_observability.pages.redact import Redaction
    from vllm_observability.pages.sources import Access, SourceError, read
    from vllm_observability.render.report import doctor as words

    if sum((page is not None, prometheus is not None, before is not None or after is not None)) != 1:
        raise click.UsageError("give one of PAGE, --prometheus URL, or --from and --to")
    if (before is None) != (after is None):
        raise click.UsageError("--from and --to go together")
    settings, access = settings_from(settings_file, redact), Access(headers, bearer_token_file, ca_file, timeout)
    redaction = Redaction(settings.metric_prefixes, frozenset(settings.scope_labels)) if redact else None
    try:
        if prometheus:
            from vllm_observability.prometheus import Api

            api = Api(prometheus.rstrip("/"), access, settings.limits.bytes)
            with _progress() as told:
                found = rooms.examine(api, settings, redaction=redaction, told=told)
            put(words.doctor_json(found) if form == "json" else words.diagnosis_text(found))
            sys.exit(0 if found.sound else EXIT_FINDINGS)
        pages = [
            read([name], access, settings.limits, None, redaction, settings.metric_prefixes)
            for name in ([page] if page else [before or "", after or ""])
        ]
    except SourceError as error:
        raise Unusable(str(error.hidden(redaction) if redaction else error)) from None
    later = [window.later for window, _ in pages]
    if page:
        covered = rooms.coverage(rooms.names_of_page(later[0]), settings)
        put(words.doctor_json(covered) if form == "json" else words.coverage_text(pages[0][1].name, covered))
        sys.exit(0 if covered.sound else EXIT_FINDINGS)
    changes = rooms.upgrade(later[0], later[1], settings)
    put(words.doctor_json(changes) if form == "json" else words.upgrade_text(changes))
    sys.exit(EXIT_FINDINGS if changes.emptied else 0)


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[int, int], None] | None]:
    """Tells how far a long examination is, on one line of a terminal that is then empty again; nothing elsewhere."""
    if not getattr(sys.stderr, "isatty", bool)():
        yield None
        return
    try:
        yield lambda done, of: click.echo(f"\r{done} of {of} panels asked", err=True, nl=False)
    finally:
        click.echo(f"\r{'':40}\r", err=True, nl=False)


# --------------------------------------------------------------------------------------------- explain


@main.command()
@click.argument("name")
@settings_option
def explain(name: str, settings_file: Path | None) -> None:
    """Explain a metric, figure, check, alert, recorded series or board.

    \b
    Examples:
      vllm-obs explain VllmKvCacheUsageHigh
      vllm-obs explain prefix_cache_hits
      vllm-obs explain ttft_p95_seconds
      vllm-obs explain model:vllm_time_to_first_token_seconds:p95_rate5m
      vllm-obs explain vllm-incident

    Exit codes: 0 found; 2 no such name, or the settings are unusable.
    """
    from vllm_observability.command.explain import UnknownName
    from vllm_observability.command.explain import explain as found

    try:
        click.echo(str(found(name, settings_from(settings_file))), nl=False)
    except UnknownName as error:
        raise Unusable(str(error)) from None


main.add_command(compare)
main.add_command(capacity)
main.add_command(objectives)
main.add_command(review)
