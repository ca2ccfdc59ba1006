"""Settings -> {path: text}: the whole bundle, as a pure function.

What follows from settings is worked out here, once, and handed to every renderer. The mixin alone works out more, for
settings of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from vllm_observability.boards import forms
from vllm_observability.boards.panels import dashboards
from vllm_observability.boards.records import Dashboard
from vllm_observability.build.queries import unreadable
from vllm_observability.catalog.boards import Board
from vllm_observability.render.deploy.alertmanager_yaml import alertmanager_files
from vllm_observability.render.deploy.discovery import discovery_files
from vllm_observability.render.deploy.helm_chart import helm_chart
from vllm_observability.render.deploy.kustomize_yaml import kustomizations
from vllm_observability.render.deploy.prometheus_yaml import datasource_yaml, prometheus_yaml
from vllm_observability.render.deploy.scale_out_yaml import scale_out_yaml
from vllm_observability.render.deploy.scrape_yaml import relabelling, scrape_yaml
from vllm_observability.render.docs.questions import questions_page
from vllm_observability.render.docs.runbooks import runbook_pages
from vllm_observability.render.grafana.alerting import alerting_files
from vllm_observability.render.grafana.dashboard import dashboard_json
from vllm_observability.render.grafana.schema_v2 import dashboard_v2_json
from vllm_observability.render.mixin.mixin import mixin
from vllm_observability.render.rules_yaml import rules_yaml
from vllm_observability.render.template_files import CHANGE
from vllm_observability.rules.site import Rules, rules_for
from vllm_observability.settings import Settings, SettingsError


def artefacts(settings: Settings) -> dict[str, str]:
    """Every emitted file, by its path in the bundle. SettingsError where a query among them could not be loaded."""
    rules = rules_for(settings)
    raw, fleet = (dashboards(settings.drawn, form(rules.planned)) for form in (forms.raw, forms.fleet))
    dropping = relabelling(settings)
    drawn = {**_boards("dashboards", settings.drawn, raw), **_boards("dashboards/fleet", settings.drawn, fleet)}
    if problems := unreadable((*rules.recording, *rules.alerting), drawn):
        raise SettingsError("these settings give queries that Prometheus refuses:\n" + "\n".join(problems[:10]))
    files = {
        **drawn,
        **rule_files(rules),
        "deploy/prometheus/vllm-scrape.yaml": scrape_yaml(settings, dropping),
        "deploy/compose/prometheus/prometheus.yml": prometheus_yaml(settings, dropping),
        "deploy/compose/grafana/datasources/vllm.yaml": datasource_yaml(settings),
        "deploy/scale-out/prometheus-cluster.yml": scale_out_yaml(settings, fleet, dropping),
        **{f"deploy/alertmanager/{name}": text for name, text in alertmanager_files(settings).items()},
        **{f"deploy/grafana/{name}": text for name, text in alerting_files(settings, rules.alerting).items()},
        **{
            f"deploy/{name}": text
            for name, text in discovery_files(settings, (*rules.recording, *rules.alerting)).items()
        },
        **mixin(settings),
        **runbook_pages(rules),
        **questions_page(settings),
        **kustomizations(settings, drawn, {"recording-rules": rules.recording, "alerts": rules.alerting}),
    }
    more = _boards_v2(settings.drawn, raw, fleet) if settings.boards_v2 else {}
    return {**files, **helm_chart(rules.planned, files, dropping), **more}


def rule_files(rules: Rules) -> dict[str, str]:
    """The files that a Prometheus loads."""
    return {
        "alerts/vllm-recording-rules.yaml": rules_yaml(
            rules.recording,
            "Recording rules for vLLM. Load them together with vllm-alerts.yaml, which reads what these record.\n"
            "A threshold is the number in a rule named …:threshold: change it there, or in the settings.\n" + CHANGE,
        ),
        "alerts/vllm-alerts.yaml": rules_yaml(
            rules.alerting,
            "Alerts for vLLM. They need vllm-recording-rules.yaml, which also holds their thresholds.\n" + CHANGE,
        ),
    }


def _boards(folder: str, boards: Sequence[Board], drawn: Sequence[Dashboard]) -> dict[str, str]:
    return {f"{folder}/{board.slug}.json": dashboard_json(d) for board, d in zip(boards, drawn, strict=True)}


def _boards_v2(boards: Sequence[Board], raw: Sequence[Dashboard], fleet: Sequence[Dashboard]) -> dict[str, str]:
    """Apart from `dashboards`, which providers read with all its folders: a board has the same uid in both schemas."""
    folders = (("deploy/grafana/v2/raw", raw), ("deploy/grafana/v2/fleet", fleet))
    return {
        f"{folder}/{board.slug}.json": dashboard_v2_json(d)
        for folder, drawn in folders
        for board, d in zip(boards, drawn, strict=True)
    }
