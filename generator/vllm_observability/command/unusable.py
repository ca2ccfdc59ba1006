"""How a command says that it can't use what it was given."""

from __future__ import annotations

from pathlib import Path

import click

EXIT_UNUSABLE = 2


class Unusable(click.ClickException):
    """Input that can't be used: one sentence on standard error, exit 2; what came from outside is made harmless."""

    exit_code = EXIT_UNUSABLE

    def __init__(self, message: str) -> None:
        from vllm_observability.words.phrases import neutral

        super().__init__("\n".join(neutral(line, 2000) for line in message.split("\n")))


class Commands(click.Group):
    """The commands, behind a guard: a fault of ours must not look like a finding, which exit 1 would."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; what no one foresaw is one sentence too, and exit 2. VLLM_OBS_TRACEBACK=1 shows all of it."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            import os

            if os.environ.get("VLLM_OBS_TRACEBACK"):
                raise
            raise Unusable(_fault(error)) from None


def _fault(error: Exception) -> str:
    """Which place of ours failed; not the error's own words, which may quote the input."""
    import traceback

    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "vllm_observability" in frame.filename]
    at = f"{'/'.join(Path(ours[-1].filename).parts[-2:])}:{ours[-1].lineno}" if ours else "?"
    return (
        f"vllm-obs itself failed ({type(error).__name__} at {at}): this is a fault to report, not a finding. "
        "VLLM_OBS_TRACEBACK=1 shows where it comes from"
    )
