"""How a command says that it can't use what it was given."""

from __future__ import annotations

import click

EXIT_UNUSABLE = 2


class Unusable(click.ClickException):
    """Input that can't be used: one sentence on standard error, exit 2."""

    exit_code = EXIT_UNUSABLE
