"""Configuration files as templates: where they lie, how they are filled in, and what all of them say of themselves."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

FOLDER = Path(__file__).parent / "templates"
CHANGE = "Emitted by vllm-obs build: change the settings and build again, or the next build undoes your edit."


def template(name: str) -> Template:
    """One of FOLDER; `change` is known in each."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER), undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True
    )
    environment.globals["change"] = CHANGE
    return environment.get_template(name)
