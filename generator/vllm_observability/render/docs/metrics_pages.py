"""Catalogue -> reference: every metric through all names and versions, by topic, with labels, buckets and readers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from vllm_observability.catalog import boards, metrics
from vllm_observability.model import Buckets, Metric, Name, Owner
from vllm_observability.model import metrics as metrics_of
from vllm_observability.queries.reads import Use, uses
from vllm_observability.render.docs.markdown import code, listed, table
from vllm_observability.settings import Settings

FOLDER = "docs/reference/metrics"
TOPICS: Mapping[str, str] = {
    "load": "Load: running and waiting requests, sleep",
    "requests": "Requests: how they finished",
    "tokens": "Tokens and lengths",
    "latency": "Latency",
    "cache": "KV cache, prefix cache, preemptions",
    "features": "Optional features",
    "connectors": "KV connectors",
    "http": "HTTP, of the API server",
    "process": "Process, of the API server",
}
OWNERS = {
    Owner.ENGINE: "vLLM's engine metrics",
    Owner.SERVER: "the API server's HTTP instrumentation",
    Owner.PROCESS: "the Python client library, of the API-server process",
}
_HEAD = """\
# Metrics

Every metric that vLLM {first} to {last} exposes, through all its names. The versions are the releases whose source was
read: "0.12.0 on" means that 0.12.0 has the name and the release examined before it does not. Counters are named as on
the page, with `_total`; a histogram has `_bucket`, `_sum` and `_count`.

This page and those of the topics are generated from the catalogue. `vllm-obs explain NAME` says the same in a terminal,
with the queries.
"""


def metrics_pages(settings: Settings) -> dict[str, str]:
    """The index of all names, and a page for each topic, by their paths."""
    read_by: dict[Metric, list[Use]] = {}
    for use in uses(settings):
        for metric in metrics_of(use.node):
            read_by.setdefault(metric, []).append(use)
    pages = {f"{FOLDER}/{topic}.md": _topic(topic, read_by) for topic in TOPICS}
    return {f"{FOLDER}/index.md": _index(), **pages}


def _index() -> str:
    named = sorted((name.text, name, metric) for metric in metrics.ALL for name in metric.names)
    rows = (
        (f"[{code(text)}]({metric.topic}.md#{metric.id})", _versions(name), metric.meaning)
        for text, name, metric in named
    )
    head = _HEAD.format(first=metrics.EXAMINED[0], last=metrics.EXAMINED[-1])
    topics = (f"- [{title}]({topic}.md)" for topic, title in TOPICS.items())
    return "\n".join((head, *topics, "", "## All names\n", *table(("name", "vLLM", "what it is"), rows)))


def _topic(topic: str, read_by: Mapping[Metric, Iterable[Use]]) -> str:
    lines = [f"# {TOPICS[topic]}\n"]
    for metric in (metric for metric in metrics.ALL if metric.topic == topic):
        lines += _metric(metric, read_by.get(metric, ()))
    return "\n".join(lines)


def _metric(metric: Metric, read_by: Iterable[Use]) -> Iterator[str]:
    yield f"## {metric.names[0].text} {{#{metric.id}}}\n"
    yield f"{metric.meaning} {metric.notes}".strip() + "\n"
    unit = f", {metric.unit.value}" if metric.unit.value else ""
    yield f"- Kind: {metric.kind.value}{unit}; exposed by {OWNERS[metric.owner]}; id `{metric.id}`"
    yield f"- Labels: {listed(map(code, metric.labels))}"
    if metric.condition:
        yield f"- Needs: {metric.condition}"
    yield from (f"- {_buckets(buckets)}" for buckets in metric.buckets)
    yield from (f"- {line}" for line in _readers(read_by))
    yield ""
    if len(metric.names) > 1:
        yield from table(("name, newest first", "vLLM"), ((code(name.text), _versions(name)) for name in metric.names))
    else:
        yield f"In vLLM {_versions(metric.names[0])}.\n"


def _versions(name: Name) -> str:
    span = f"{name.since} to {name.until}" if name.until else f"{name.since} on"
    hidden = f" (hidden to {name.hidden_until})" if name.hidden_until else ""
    return span + hidden + ("" if name.engine == "both" else f", {name.engine} engine")


def _buckets(buckets: Buckets) -> str:
    span = f"{buckets.since} to {buckets.until}" if buckets.until else f"{buckets.since} on"
    bounds = listed((f"{bound:g}" for bound in buckets.bounds), "depend on the model")
    return f"Bucket bounds, vLLM {span}: {bounds}"


def _readers(read_by: Iterable[Use]) -> Iterator[str]:
    """Figures, alerts and panels that read it; the panel's name leads to its board."""
    named: dict[str, dict[str, None]] = {}
    for use in read_by:
        named.setdefault(use.by, {})[use.name] = None
    if figures := named.get("figure"):
        yield f"Figures of the report: {listed(map(code, figures))}"
    if alerts := {**named.get("alert", {}), **named.get("budget", {})}:
        yield f"Alerts: {listed(f'[{alert}](../alerts.md#{alert.lower()})' for alert in alerts)}"
    if panels := named.get("panel"):
        yield f"Panels: {'; '.join(_panels(panels))}"
    if not named:
        yield "Read by nothing: known so that it is not taken for something else"


def _panels(places: Iterable[str]) -> Iterator[str]:
    """Board by board; what stands on every board is said once."""
    by_board: dict[str, list[str]] = {}
    for place in places:
        title, _, panel = place.partition(" / ")
        by_board.setdefault(title, []).append(panel)
    everywhere = set.intersection(*map(set, by_board.values())) if len(by_board) == len(boards.ALL) else set()
    for board in boards.ALL:
        own = [panel for panel in by_board.get(board.name, ()) if panel not in everywhere]
        if own:
            yield f"[{board.name}](../../boards/{board.slug}.md): {', '.join(own)}"
    if everywhere:
        yield f"on every board: {', '.join(sorted(everywhere))}"
