"""A board with every kind of panel and every option of the records, for tests of what becomes of them."""

from __future__ import annotations

from vllm_observability.boards.records import Annotation, Column, Dashboard, Link, Panel, Query, Row, Step, Variable

PICK = '{job=~"$job",instance=~"$instance"}'
RATE = f"sum by (model_name) (rate(requests_total{PICK}[$__rate_interval]))"
RUNNING = f"sum by (model_name, instance) (running{PICK})"
USAGE = f"max by (model_name, instance) (usage{PICK})"
JUDGED = (Step(None, "green"), Step(0.8, "orange"), Step(0.95, "red"))

TEXT = Panel("text", "Read me", "", text="**Red** means act.", grid=(0, 0, 24, 2))
ALERTS = Panel("alertlist", "Alerts", "What fires now, of all models.", alert_name="Vllm", grid=(0, 2, 24, 5))

TILE = Panel(
    "stat",
    "Usage",
    "Share of the cache in use.",
    (Query(USAGE, instant=True),),
    (0, 0, 6, 4),
    unit="percentunit",
    decimals=1,
    min=0,
    max=1.0,
    steps=JUDGED,
    mappings=(("0", "empty", None), ("1", "full", "red"), ("null", "no engine", None)),
    no_value="no engine",
    links=(Link("Cache", "/d/vllm-obs-kv-cache"),),
    sparkline=True,
    fill=True,
    calc="max",
)
NEUTRAL_TILE = Panel("stat", "Running", "Requests in work.", (Query(RUNNING),), (6, 0, 6, 4), no_value="idle")
GAUGE = Panel(
    "gauge", "Budget", "Error budget left.", (Query(USAGE),), (12, 0, 6, 4), unit="percentunit", min=0, max=1,
    steps=JUDGED,
)  # fmt: skip
BARS = Panel(
    "bargauge", "By engine", "Running requests of each engine.", (Query(RUNNING, "{{instance}}", instant=True),),
    (18, 0, 6, 4), color="blue",
)  # fmt: skip

GRAPH = Panel(
    "timeseries",
    "Latency",
    "Mean and bound.",
    (Query(RATE, "{{model_name}} mean"), Query(f"max(model:bound{PICK})", "bound"), Query(RUNNING, "aid", hide=True)),
    (0, 4, 12, 8),
    unit="s",
    steps=(Step(1.0, "orange"), Step(2.5, "red")),
    threshold_lines=True,
    legend="table",
    legend_calcs=("mean", "max"),
    sort_by="max",
    columns=(
        Column("{{model_name}} mean", color="purple", unit="ms", decimals=2),
        Column("bound", title="Bound", color="red", dashed=True),
        Column("C", hidden=True),
        Column("/p9[59]/", color="dark-blue"),
    ),
    log_scale=True,
)
STACK = Panel(
    "timeseries", "Requests", "Requests a second.", (Query(RATE, "{{model_name}}"),), (12, 4, 12, 8), unit="reqps",
    stacked=True, legend="hidden",
)  # fmt: skip
TABLE = Panel(
    "table",
    "Engines",
    "One row for each engine.",
    (Query(RUNNING, "Running"), Query(USAGE), Query(f"sum by (model_name, instance) (up{PICK})")),
    (0, 12, 24, 8),
    columns=(
        Column("model_name", title="Model", width=200, link=Link("Engine", "/d/vllm-obs-engines")),
        Column("B", title="Cache", unit="percentunit", steps=JUDGED[1:], cell="color-background"),
        Column("Running", decimals=0, cell="gauge", unit="percentunit"),
        Column("instance", hidden=True),
        Column("C", title="Up", cell="color-text"),
    ),
    sort_by="Cache",
    mappings=(("0", "down", "red"), ("1", "up", "green")),
    no_value="none",
)

HEAT = Panel(
    "heatmap", "First token", "How long requests wait.",
    (Query(f"sum by (le) (increase(ttft_bucket{PICK}[$__rate_interval]))"),), (0, 0, 12, 8), unit="s",
)  # fmt: skip
STATES = Panel(
    "state-timeline", "State", "Asleep or awake.", (Query(RUNNING, "{{instance}}"),), (12, 0, 12, 8),
    mappings=(("0", "awake", "green"), ("1", "asleep", "blue")),
)  # fmt: skip
PRICE = Panel(
    "stat", "Cost", "Tokens in the range, priced.", (Query(f"sum(increase(tokens_total{PICK}[$__range])) * $price"),),
    (0, 8, 12, 4), unit="currencyUSD",
)  # fmt: skip

BOARD = Dashboard(
    uid="vllm-obs-sample",
    title="vLLM / Sample",
    question="Does every option reach Grafana?",
    rows=(
        Row("", (TEXT, ALERTS)),
        Row("Now", (TILE, NEUTRAL_TILE, GAUGE, BARS, GRAPH, STACK, TABLE)),
        Row("Details (needs --flag)", (HEAT, STATES, PRICE), collapsed=True),
        Row("End", (Panel("text", "End", "", text="That is all."),)),
    ),
    variables=(
        Variable("datasource", "Data source", "datasource"),
        Variable("job", "Job", query="label_values(running, job)"),
        Variable("instance", "Instance", query='label_values(running{job=~"$job"}, instance)', description="Server"),
        Variable("price", "Price", "textbox", default="0.5"),
        Variable("window", "Window", "interval", query="5m,1h", default="1h"),
        Variable("slo", "Objective", "custom", query="0.5, 1, 2.5", default="1", multi=False, include_all=False),
        Variable("secret", "", "custom", query="a,b", hide=True),
    ),
    annotations=(Annotation("Alerts firing", 'ALERTS{job=~"$job"}', "{{alertname}}", "{{severity}}"),),
    links=(
        Link("vLLM boards", "tag:vllm"),
        Link("Overview", "/d/vllm-obs-overview"),
        Link("Runbooks", "https://example.com/runbooks", new_tab=True),
    ),
    tags=("vllm", "sample"),
    refresh="1m",
    since="now-6h",
)
