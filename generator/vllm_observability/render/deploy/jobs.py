"""What scrape jobs are called, so that the rules find them: `up` and HTTP metrics are told from others' by the job."""

from __future__ import annotations

import re

from vllm_observability.settings import Settings

_PLAIN = re.compile(r"[\w./-]+")


def job_name(settings: Settings) -> str:
    """A name that the settings' target selector fits, `vllm` where it may be that; empty where none can be told."""
    pattern = job_pattern(settings)
    names = ["vllm", *(re.sub(r"\.[*+]", "vllm", each) for each in pattern.split("|"))]
    return next((name for name in names if _PLAIN.fullmatch(name) and re.fullmatch(pattern, name)), "")


def job_pattern(settings: Settings) -> str:
    """What a job may be called, by the settings' matcher on `job`; anything where there is none."""
    found = re.search(r'\bjob\s*(=~?)\s*"((?:[^"\\]|\\.)*)"', settings.target_selector)
    if found is None:
        return ".*"
    value = re.sub(r"\\(.)", r"\1", found[2])
    return value if found[1] == "=~" else re.escape(value)
