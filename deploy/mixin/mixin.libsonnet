// Emitted by vllm-obs build: choose in _config, or change the settings and build again.
// Boards, recording rules and alerts for vLLM, with the fields that monitoring mixins have.
// What can be chosen stands in config.libsonnet, and what it means in README.md.
local boards = import 'dashboards.libsonnet';
local choices = import 'lib/choices.libsonnet';

{
  local mixin = self,
  local chosen = choices(mixin._config),

  // A panel without links to pages of alerts that are off: a build writes no such page.
  local nowhere = [chosen.runbook_url[0] + alert + chosen.runbook_url[1] for alert in chosen.alerts_off],
  local linked(panel) =
    local links = [link for link in std.get(panel, 'links', []) if !std.member(nowhere, link.url)];
    local changed = {
      [if links != [] then 'links']: links,
      [if std.objectHas(panel, 'panels') then 'panels']: [linked(each) for each in panel.panels],
    };
    { [key]: panel[key] for key in std.objectFields(panel) if key != 'links' } + changed,
  local leading(board) = if nowhere == [] then board else board { panels: [linked(each) for each in board.panels] },

  _config+:: import 'config.libsonnet',

  grafanaDashboardFolder:: 'vLLM',

  grafanaDashboards+:: {
    [name]: leading(boards[form][name](chosen))
    for form in std.objectFields(boards)
    if std.member([form, 'both'], chosen.boards)
    for name in std.objectFields(boards[form])
  },

  prometheusRules+:: {
    groups+: (import 'rules.libsonnet')(chosen).groups,
  },

  prometheusAlerts+:: {
    groups+: std.filter(
      function(group) std.length(group.rules) > 0,
      [
        group { rules: [rule for rule in group.rules if !std.member(chosen.alerts_off, rule.alert)] }
        for group in (import 'alerts.libsonnet')(chosen).groups
      ]
    ),
  },
}
