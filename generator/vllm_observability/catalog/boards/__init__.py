"""The boards: which question stands where, laid out by hand, one question a board."""

from __future__ import annotations

from vllm_observability.catalog.boards.capacity import CAPACITY
from vllm_observability.catalog.boards.engines import ENGINES
from vllm_observability.catalog.boards.features import FEATURES
from vllm_observability.catalog.boards.incident import INCIDENT
from vllm_observability.catalog.boards.kv_cache import KV_CACHE
from vllm_observability.catalog.boards.latency import LATENCY
from vllm_observability.catalog.boards.layout import Board, Chart, uid
from vllm_observability.catalog.boards.overview import OVERVIEW
from vllm_observability.catalog.boards.slo import SLO
from vllm_observability.catalog.boards.throughput import THROUGHPUT
from vllm_observability.catalog.boards.tuning import TUNING

# In the order in which one looks.
ALL: tuple[Board, ...] = (OVERVIEW, INCIDENT, LATENCY, THROUGHPUT, KV_CACHE, ENGINES, SLO, CAPACITY, TUNING, FEATURES)

__all__ = ["ALL", "INCIDENT", "Board", "Chart", "uid"]
