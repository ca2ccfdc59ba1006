"""What Prometheus itself says of its targets and rules: why a scrape fails, in its words, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from vllm_observability.pages.scrape import printable
from vllm_observability.pages.sources import SourceError
from vllm_observability.prometheus import Api

Target = tuple[str, str]  # job, instance

_LOOK = "Prometheus' page Status > Targets says why: process, port, policy, TLS or token"
_CURES = (
    (
        r"fallback_scrape_protocol",
        "Prometheus 3 takes no page without a proper Content-Type: set "
        "fallback_scrape_protocol: PrometheusText0.0.4 in the scrape job, or have the proxy in between keep it",
    ),
    (r"connection refused", "nothing listens there: is vLLM running, and is it the port of its API server?"),
    (r"no such host|server misbehaving", "the name is not known to Prometheus: check DNS, and the namespace in it"),
    (
        r"deadline exceeded|timeout|timed out",
        "no answer in scrape_timeout: a network policy or firewall in between, or "
        "an API server that is too busy (--api-server-count)",
    ),
    (r"status 40[13]\b", "it wants credentials: authorization in the scrape job, and vLLM's --api-key"),
    (r"status 404\b", "metrics_path of the scrape job: vLLM serves /metrics, under its --root-path if it has one"),
    (r"status 5\d\d\b", "the server or the proxy before it fails: look into its log"),
    (r"x509|tls|HTTP response to HTTPS", "scheme and tls_config of the scrape job: authority, name, and https or http"),
    (
        r"(sample|label|body size|bucket)\w*[ _]?limit|limit exceeded",
        "the page is larger than the scrape job allows: "
        "raise the limit that is named, or drop series with the relabel rules of this report",
    ),
    (r"no route to host|unreachable", "Prometheus can't reach that network: route, policy, or an address that is old"),
    (r"parse|expected|unsupported|invalid", "what answers there is no page of metrics: port and metrics_path"),
)


def errors(api: Api) -> Mapping[Target, str]:
    """The last error of each target that has one, raw; empty where the server does not tell."""
    try:
        data = api.get("/api/v1/targets?state=active")
    except SourceError:
        return {}
    found = {}
    for each in _objects(data, "activeTargets"):
        labels, error = each.get("labels"), each.get("lastError")
        if isinstance(labels, dict) and isinstance(error, str) and error:
            found[str(labels.get("job", "")), str(labels.get("instance", ""))] = error
    return found


def cure(error: str) -> str:
    """What to do about the error of a scrape."""
    return next((cure for pattern, cure in _CURES if re.search(pattern, error, re.IGNORECASE)), _LOOK)


def failing_rules(api: Api) -> Iterator[tuple[str, str]]:
    """Our rules that fail and their errors, raw; nothing where the server has no rules of its own."""
    for name, rule in _our_rules(api):
        error = rule.get("lastError")
        if isinstance(error, str) and error:
            yield name, error


def our_rules(api: Api) -> Iterator[tuple[str, str]]:
    """Queries of our rules that are loaded, raw, each with what it records or the name of its alert."""
    yield from ((str(rule.get("query", "")), name) for name, rule in _our_rules(api))


def _our_rules(api: Api) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        data = api.get("/api/v1/rules")
    except SourceError:
        return
    for group in _objects(data, "groups"):
        for rule in _objects(group, "rules"):
            name = rule.get("name")
            if isinstance(name, str) and re.match(r"(engine|model):vllm_|Vllm[A-Z]", name):
                yield name, rule


def quoted(error: str) -> str:
    """An error as it is shown."""
    return printable(" ".join(error.split()), 200)


def _objects(data: Any, key: str) -> Iterator[dict[str, Any]]:
    """The objects of a list; nothing where there is none."""
    found = data.get(key) if isinstance(data, dict) else None
    yield from (each for each in (found if isinstance(found, list) else []) if isinstance(each, dict))
