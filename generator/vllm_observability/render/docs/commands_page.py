"""The command line -> reference: every command, argument and option, from the commands themselves."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

from vllm_observability.render.docs.markdown import code, fenced, table

PATH = "docs/reference/commands.md"
NAME = "vllm-obs"
_HEAD = """\
# Commands

`make run` installs `vllm-obs`; `python -m vllm_observability` is the same. Exit code 0 means that all is fine, 1 that
the command found something, 2 that it could not do its work. This page is generated from the commands.
"""


def commands_page(group: click.Group) -> dict[str, str]:
    """The page, by its path."""
    lines = [_HEAD, *_help(group)]
    for name in sorted(group.commands):
        lines += _command(name, group.commands[name], click.Context(group, info_name=NAME, **group.context_settings))
    return {PATH: "\n".join(lines)}


def _command(name: str, command: click.Command, parent: click.Context) -> Iterator[str]:
    context = click.Context(command, parent, name)
    yield f"## {NAME} {name} {{#{name}}}\n"
    yield from fenced(" ".join((f"{NAME} {name}", *command.collect_usage_pieces(context))))
    yield from _help(command)
    yield from table(
        ("option", "default", "what it does"),
        (_option(each, context) for each in command.params if isinstance(each, click.Option)),
    )


def _help(command: click.Command) -> Iterator[str]:
    """Paragraphs as prose; those that click is told not to wrap (`\\b`) as code under their first line."""
    for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(command.help or "")):
        first, *rest = paragraph.removeprefix("\b\n").splitlines()
        if paragraph.startswith("\b"):
            yield f"{first}\n"
            yield from fenced(inspect.cleandoc("\n" + "\n".join(rest)), "sh")
        else:
            yield f"{paragraph}\n"


def _option(option: click.Option, context: click.Context) -> tuple[str, str, str]:
    names = ", ".join(code(name) for name in (*option.opts, *option.secondary_opts))
    takes = "" if option.is_flag else f" {code(option.make_metavar(context))}"
    given = option.get_default(context, call=False)
    usual = code(given) if option.show_default and given not in (None, "", ()) else ""
    return names + takes, usual, option.help or ""
