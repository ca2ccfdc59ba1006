"""Reference pages of the documentation site: made from catalogue, settings and commands at every build of the site."""

from __future__ import annotations

import click

from vllm_observability.boards import forms
from vllm_observability.boards.panels import dashboards
from vllm_observability.catalog import boards
from vllm_observability.render.docs.alerts_page import alerts_page
from vllm_observability.render.docs.boards_pages import boards_pages
from vllm_observability.render.docs.commands_page import commands_page
from vllm_observability.render.docs.metrics_pages import metrics_pages
from vllm_observability.render.docs.settings_page import settings_page
from vllm_observability.rules.site import rules_for
from vllm_observability.settings import Settings


def reference_pages(settings: Settings, group: click.Group) -> dict[str, str]:
    """Every generated page, by its path in the repository, where none of them is kept."""
    site = rules_for(settings)
    return {
        **settings_page(),
        **metrics_pages(settings),
        **alerts_page(site),
        **boards_pages(dashboards(boards.ALL, forms.raw(site.planned))),
        **commands_page(group),
    }
