"""Snapshots and checks -> findings: what the numbers say, as plain data that every format renders."""

from vllm_observability.report.analysis import analyse
from vllm_observability.report.records import Report

__all__ = ["Report", "analyse"]
