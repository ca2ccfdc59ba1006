"""A Prometheus as a source: what its vLLM servers showed now and before, and the checks that only it can answer."""

from vllm_observability.prometheus.answers import Histogram, Value
from vllm_observability.prometheus.api import Api, QueryRefused, Unanswered
from vllm_observability.prometheus.native import as_pages, known_bounds
from vllm_observability.prometheus.reading import (
    Question,
    matching,
    page_of,
    read_prometheus,
    rows_at,
    samples_at,
    target,
)

__all__ = [
    "Api",
    "Histogram",
    "QueryRefused",
    "Question",
    "Unanswered",
    "Value",
    "as_pages",
    "known_bounds",
    "matching",
    "page_of",
    "read_prometheus",
    "rows_at",
    "samples_at",
    "target",
]
