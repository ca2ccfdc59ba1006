"""Questions that several runbooks ask and no signal does."""

from __future__ import annotations

from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.connectors import TRANSFER_FAILURES
from vllm_observability.catalog.runbooks.record import Query
from vllm_observability.model import Growth, Level, Over, Part, PerSecond, Raw, Unit

# ------------------------------------------------------------------------------------- targets, servers

UP = Query("Scraped (1) or not (0)", Unit.NONE, Raw("max by ({target}) (up{{{selector}}})"))
FLAPS = Query(
    "Times a target went up or down in an hour", Unit.COUNT, Raw("max by ({target}) (changes(up{{{selector}}}[1h]))")
)
PAGE_SIZE = Query("Samples on the page", Unit.COUNT, Raw("max by ({target}) (scrape_samples_scraped{{{selector}}})"))
AGE = Query(
    "Age of the API-server process", Unit.SECONDS, Raw("time() - max by ({target}) ({process_start_time_seconds})", (m.PROCESS_START_TIME,)),
)
CPU = Query("CPU cores used by the API-server process", Unit.NONE, PerSecond(Growth(m.PROCESS_CPU)))
SERVER_ERRORS = Query(
    "HTTP requests answered with 5xx per second", Unit.REQUESTS_PER_SECOND,
    PerSecond(Growth(m.HTTP_REQUESTS, where=(("status", "=~", "5.."),))),
)
HTTP_RATE = Query("HTTP requests per second", Unit.REQUESTS_PER_SECOND, PerSecond(Growth(m.HTTP_REQUESTS)))

# ----------------------------------------------------------------------------------------------- rules
# Prometheus' own series: there if it scrapes itself.

RULE_FAILURES = Query(
    "Failed rule evaluations in an hour", Unit.COUNT,
    Raw('sum by (rule_group) (increase(prometheus_rule_evaluation_failures_total{{rule_group=~".*;vllm-.*"}}[1h]))'),
    "rule group",
)
RULES_LOADED = Query(
    "Rules loaded", Unit.COUNT, Raw('max by (rule_group) (prometheus_rule_group_rules{{rule_group=~".*;vllm-.*"}})'),
    "rule group",
)
RAW_ENGINES = Query(
    "Engines scraped", Unit.COUNT, Raw("count by ({scope}) ({requests_running})", (m.REQUESTS_RUNNING,))
)
RECORDED_MODELS = Query(
    "Models recorded", Unit.COUNT, Raw("count by ({scope}) ({running})", series=(("running", s.RUNNING.expr),))
)

# --------------------------------------------------------------------------------------------- engines

ENGINES = Query(
    "Engines", Unit.COUNT, Raw("count by ({model}) ({running})", series=(("running", s.RUNNING.expr),)), "model"
)
ENGINES_HOUR_AGO = Query(
    "Engines an hour ago, with what they ran", Unit.REQUESTS, Raw("{running} offset 1h", series=(("running", s.RUNNING.expr),)),
)
TOKENS_NOW = Query(
    "Output tokens per second, over the shortest window", Unit.TOKENS_PER_SECOND,
    Raw("sum by ({engine}) ({tokens})", overs=(("tokens", Over("rate", m.GENERATION_TOKENS)),)),
)
WAITING_REASONS = Query("Waiting requests", Unit.REQUESTS, Level(m.REQUESTS_WAITING_BY_REASON, "sum"))
PREEMPTION_RATE = Query("Preemptions per second", Unit.PER_SECOND, PerSecond(Growth(m.PREEMPTIONS)))
CONFIGS = Query(
    "Cache configuration, in the labels", Unit.NONE,
    Raw("group by ({target}, block_size, cache_dtype, enable_prefix_caching, gpu_memory_utilization) ({cache_config})", (m.CACHE_CONFIG,)),
)
CORRUPTED_ENGINES = Query(
    "Corrupted requests in an hour", Unit.REQUESTS,
    Raw("sum by ({engine}) ({grown})", overs=(("grown", Over("increase", m.CORRUPTED_REQUESTS, "1h")),)),
)
FAILED_TRANSFERS = Query(
    "Failed transfers per second, by kind in the label `of`", Unit.PER_SECOND,
    Raw(
        "sum by ({engine}, of) (\n  "
        + "\n  or\n  ".join(f'label_replace({{{metric.id}}}, "of", "{metric.id}", "", "")' for metric in TRANSFER_FAILURES)
        + "\n)",
        overs=tuple((metric.id, Over("rate", metric, "{rate_window}")) for metric in TRANSFER_FAILURES),
    ),
)

# ---------------------------------------------------------------------------- models, against themselves


def _against(title: str, promql: str, **series: Growth) -> Query:
    return Query(f"{title}, now over a day ago (1: unchanged)", Unit.NONE, Raw(promql, series=tuple(series.items())))


_FINISHED = Growth(m.REQUEST_SUCCESS)
_MEAN = "({sum} / ({count} > 0))\n/\n({sum} offset 1d / ({count} offset 1d > 0))"
TRAFFIC_GROWTH = _against(
    "Finished requests per second",
    "sum by ({model}) ({finished})\n/\n(sum by ({model}) ({finished} offset 1d) > 0)", finished=_FINISHED,
)
PROMPT_GROWTH = _against(
    "Mean prompt length", _MEAN,
    sum=Growth(m.REQUEST_PROMPT_TOKENS, Part.SUM), count=Growth(m.REQUEST_PROMPT_TOKENS, Part.COUNT),
)
OUTPUT_GROWTH = _against(
    "Mean answer length", _MEAN,
    sum=Growth(m.REQUEST_GENERATION_TOKENS, Part.SUM), count=Growth(m.REQUEST_GENERATION_TOKENS, Part.COUNT),
)
UNFINISHED = Query(
    "Requests per second with a first token and no end", Unit.REQUESTS_PER_SECOND,
    Raw("{first} - {ended}", series=(("first", Growth(m.TTFT, Part.COUNT)), ("ended", Growth(m.E2E, Part.COUNT)))),
)
ACCEPTED_BY_POSITION = Query(
    "Draft tokens accepted per second",
    Unit.TOKENS_PER_SECOND,
    PerSecond(Growth(m.SPEC_ACCEPTED_PER_POSITION)),
)
