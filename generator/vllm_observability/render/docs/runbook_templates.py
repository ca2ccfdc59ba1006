"""Text of a runbook page and of the index, as Jinja templates."""

from __future__ import annotations

PAGE = """\
# {{ alert }}

{{ summary }}

{% if objectives %}
Objective: {{ objectives | join("; ") }}.

{% endif %}
| Severity | Fires when | Hold | Reason |
| --- | --- | --- | --- |
{% for row in rows %}
| {{ row.severity }} | {{ row.when | cell }} | {{ row.hold }} | {{ row.reason | cell }} |
{% endfor %}

- **Shown on:** {{ places | join("; ") }}
- **Reads:** {{ reads }}
{% if tuning %}
- **Change the threshold:** {{ tuning }}
{% endif %}
{% if related %}
- **Related:** {{ related | join(", ") }}
{% endif %}
- **What led to it:** `vllm-obs review --prometheus URL --alert {{ alert }}`: what came first, at which engines, what
  followed, what users felt and for how long
- **Rules:** [alerts](../vllm-alerts.yaml), [recording rules](../vllm-recording-rules.yaml). [All runbooks](README.md)

## Meaning

{{ meaning }}

## Impact

{{ impact }}

## Diagnosis

Paste a query into Prometheus or into Grafana's Explore. It answers for all models and servers; to narrow it, put
labels of the alert behind the name of a series, as in `{instance="…"}`.
{% if exporters %}
Series of exporters have an `instance` and a `job` of their own: narrow those by
`{{ '{' }}{{ exporters }}="…"}` alone, with the value that the alert has there.
{% endif %}

{% for step in steps %}
**{{ loop.index }}. {{ step.question }}**

{{ step.caption }}

```promql
{{ step.query }}
```

{% for seen, means in step.answers %}
- *{{ seen }}* → {{ means }}.
{% endfor %}

{% endfor %}
## Mitigation

{% if flags %}
A flag counts from the next start of the server. A restart breaks off its running requests and takes the minutes that
loading the model takes, so restart replicas one at a time, each taken out of the router first.

{% endif %}
{% for action in mitigation %}
{{ loop.index }}. {{ action.do }} *Costs:* {{ action.costs }}.
{% endfor %}

**When to do nothing:** {{ leave_alone }}
"""

INDEX = """\
# Runbooks

One page for every alert of this bundle: what it measured, what users feel, which queries to run and what their answers
mean, what helps and what that costs, and when to do nothing. `vllm-obs build` writes them with the
thresholds of your settings, so an edit here is lost at the next build.

After an incident, `vllm-obs review --prometheus URL --alert NAME` tells what led to an alert; without an alert it tells
the story of the last week.

| Alert | Fires when | First question |
| --- | --- | --- |
{% for entry in entries %}
| [{{ entry.alert }}]({{ entry.alert }}.md) | {{ entry.fires | join("<br>") | cell }} | {{ entry.question | cell }} |
{% endfor %}

## Words

- **Engine**: the process that runs the model on one or more GPUs. A **server** answers HTTP for one or several engines;
  a **model** here is all engines under one model name in one deployment.
- **Token**: a piece of text, about three quarters of an English word. Prompts and answers are counted in tokens.
- **Prefill**: reading the prompt; it ends with the first token. **Time to first token** (TTFT) is queue plus prefill.
- **Decode**: writing the answer, token by token; **inter-token latency** (ITL) is the pause between two of them.
- **Batch**: the requests that run at once, `--max-num-seqs` at most. The others wait.
- **KV cache**: GPU memory that holds what was read and written so far of every running request, in blocks.
- **Preemption**: the KV cache is full, a running request is thrown out and later computed again.
- **Prefix cache**: KV cache blocks kept after use, so that a prompt that begins alike need not be read again.
- **p95**: 95 of 100 were at most this, 5 were more.
"""
