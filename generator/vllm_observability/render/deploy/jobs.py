"""What scrape jobs are called, so that the rules find them: `up` and HTTP metrics are told from others' by the job."""

from __future__ import annotations

import re

from vllm_observability.pages.matching import matches_whole
from vllm_observability.settings import Settings
from vllm_observability.settings.selectors import matchers

_PLAIN = re.compile(r"[\w./-]+")


def job_name(settings: Settings) -> str:
    """A name that the settings' target selector fits, `vllm` where it may be that; empty where none can be told."""
    pattern = job_pattern(settings)
    literal = [value for label, op, value in matchers(settings.target_selector) if (label, op) == ("job", "=")]
    names = ["vllm", *literal, *(re.sub(r"\.[*+]", "vllm", each) for each in pattern.split("|"))]
    return next((name for name in names if _PLAIN.fullmatch(name) and matches_whole(pattern, name)), "")


def job_pattern(settings: Settings) -> str:
    """What a job may be called, by the settings' matcher on `job`; anything where there is none."""
    found = [(op, value) for label, op, value in matchers(settings.target_selector) if label == "job"]
    wanted = [value if op == "=~" else re.escape(value) for op, value in found if op in ("=~", "=")]
    return wanted[0] if wanted else ".*"
