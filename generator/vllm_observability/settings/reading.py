"""Settings from YAML, JSON or Jsonnet, with errors in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from vllm_observability.pages.scrape import Limits
from vllm_observability.settings.checking import check
from vllm_observability.settings.site import ModelSettings, Objective, Settings, SettingsError


def load(path: Path) -> Settings:
    """Settings from a `.yaml`, `.json` or `.jsonnet` file."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path}: can't be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: can't be read: it is not UTF-8 text") from None
    return parse(_data(path, text), str(path))


_DEEP = "is nested too deeply to be settings"


def _data(path: Path, text: str) -> object:
    if path.suffix in (".jsonnet", ".libsonnet"):
        import json

        import _jsonnet

        try:
            return json.loads(_jsonnet.evaluate_file(str(path)))
        except RecursionError:
            raise SettingsError(f"{path}: {_DEEP}") from None
        except RuntimeError as error:  # its first line; then comes a stack trace
            raise SettingsError(f"{path}: {str(error).strip().splitlines()[0]}") from None
    import yaml

    from vllm_observability.settings.strict_yaml import StrictLoader

    try:
        return yaml.load(text, StrictLoader)
    except RecursionError:
        raise SettingsError(f"{path}: {_DEEP}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise SettingsError(f"{path}: {place}{error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise SettingsError(f"{path}: {str(error).splitlines()[0]}") from None


def parse(data: object, source: str = "settings") -> Settings:
    """Settings from plain data; SettingsError names every problem at once."""
    from pydantic import TypeAdapter, ValidationError

    if data is None:
        return Settings()
    if not isinstance(data, Mapping):
        raise SettingsError(f"{source}: must be a mapping of settings, not {type(data).__name__}")
    try:
        settings = TypeAdapter(Settings).validate_python(data)
    except ValidationError as error:
        lines = [f"{source}: {_place(e['loc'])}: {_plain(e)}" for e in error.errors()]
        raise SettingsError("\n".join(lines)) from None
    problems = check(settings, chosen=data)
    if problems:
        raise SettingsError("\n".join(f"{source}: {problem}" for problem in problems))
    return settings


def _place(loc: Sequence[str | int]) -> str:
    return ".".join(str(part) for part in loc if part != "[key]")


_MUST = {"string_type": "must be text; put it in quotes", "tuple_type": "must be a list", "missing": "is missing"}
_MUST |= dict.fromkeys(("dict_type", "dataclass_type"), "must be a mapping")
_MUST |= dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "must be a whole number")
_MUST |= dict.fromkeys(("float_type", "float_parsing"), "must be a number")

_HINTS = {("price_per_engine_hour",): "; the price of one model goes under models, beside its match"}


def _plain(error: Mapping[str, Any]) -> str:
    kind, loc = str(error["type"]), error["loc"]
    if kind == "unexpected_keyword_argument":
        place: type = (
            {"limits": Limits, "models": ModelSettings, "objectives": Objective}.get(str(loc[0]), Settings)
            if loc[1:]
            else Settings
        )
        return f"no such setting; known here: {', '.join(field.name for field in fields(place))}"
    if kind == "literal_error":
        return f"must be {error['ctx']['expected']}"
    return _MUST.get(kind, str(error["msg"])) + _HINTS.get(tuple(loc), "")
