// Boards, recording rules and alerts for vLLM, with the fields that monitoring mixins have.
// What can be chosen stands in config.libsonnet, and what it means in README.md.
local boards = import 'dashboards.libsonnet';
local choices = import 'lib/choices.libsonnet';

{
  local mixin = self,
  local chosen = choices(mixin._config),

  _config+:: import 'config.libsonnet',

  grafanaDashboardFolder:: 'vLLM',

  grafanaDashboards+:: {
    [name]: boards[form][name](chosen)
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
