"""How one name is spelled by several readers."""

from __future__ import annotations


def camel(key: str) -> str:
    """As the operators spell what a configuration file spells with `_`."""
    head, *rest = key.split("_")
    return head + "".join(word.capitalize() for word in rest)
