"""Settings -> {path: text}: the whole bundle, as a pure function."""

from __future__ import annotations

from vllm_observability.boards import forms
from vllm_observability.boards.panels import dashboards
from vllm_observability.build.queries import unreadable
from vllm_observability.catalog import boards
from vllm_observability.render.deploy.alertmanager_yaml import alertmanager_yaml
from vllm_observability.render.deploy.helm_chart import helm_chart
from vllm_observability.render.deploy.kustomize_yaml import kustomizations
from vllm_observability.render.deploy.prometheus_yaml import datasource_yaml, prometheus_yaml
from vllm_observability.render.deploy.scale_out_yaml import scale_out_yaml
from vllm_observability.render.deploy.scrape_yaml import relabelling, scrape_yaml
from vllm_observability.render.docs.questions import questions_page
from vllm_observability.render.docs.runbooks import runbook_pages
from vllm_observability.render.grafana.dashboard import dashboard_json
from vllm_observability.render.mixin.mixin import mixin
from vllm_observability.render.rules_yaml import rules_yaml
from vllm_observability.render.template_files import CHANGE
from vllm_observability.rules.alerts import alert_groups
from vllm_observability.rules.budgets import slo_alert_groups, slo_groups
from vllm_observability.rules.recording import recording_groups
from vllm_observability.settings import Settings, SettingsError


def artefacts(settings: Settings) -> dict[str, str]:
    """Every emitted file, by its path in the bundle. SettingsError where a query among them could not be loaded."""
    recording = (*recording_groups(settings), *slo_groups(settings))
    alerting = (*alert_groups(settings), *slo_alert_groups(settings))
    dropping = relabelling(settings)
    drawn = {
        **_boards("dashboards", forms.raw(settings)),
        **_boards("dashboards/fleet", forms.fleet(settings)),
    }
    if problems := unreadable((*recording, *alerting), drawn):
        raise SettingsError("these settings give queries that Prometheus refuses:\n" + "\n".join(problems[:10]))
    files = {
        **drawn,
        "alerts/vllm-recording-rules.yaml": rules_yaml(
            recording,
            "Recording rules for vLLM. Load them together with vllm-alerts.yaml, which reads what these record.\n"
            "A bound is a number in a rule named …:threshold: change it there, or in the settings.\n" + CHANGE,
        ),
        "alerts/vllm-alerts.yaml": rules_yaml(
            alerting,
            "Alerts for vLLM. They need vllm-recording-rules.yaml, which also holds their bounds.\n" + CHANGE,
        ),
        "deploy/prometheus/vllm-scrape.yaml": scrape_yaml(settings, dropping),
        "deploy/compose/prometheus/prometheus.yml": prometheus_yaml(settings, dropping),
        "deploy/compose/grafana/datasources/vllm.yaml": datasource_yaml(settings),
        "deploy/scale-out/prometheus-cluster.yml": scale_out_yaml(settings, dropping),
        "deploy/alertmanager/alertmanager.yml": alertmanager_yaml(settings),
        **mixin(settings),
        **runbook_pages(settings),
        **questions_page(),
        **kustomizations(settings, drawn, {"recording-rules": recording, "alerts": alerting}),
    }
    return {**files, **helm_chart(settings, files, dropping)}


def _boards(folder: str, form: forms.Form) -> dict[str, str]:
    drawn = dashboards(boards.ALL, form)
    return {f"{folder}/{board.slug}.json": dashboard_json(d) for board, d in zip(boards.ALL, drawn, strict=True)}
