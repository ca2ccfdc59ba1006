// _config -> what the emitted files ask for: numbers and names in force, in the forms in which they are written.
// A choice that can't be meant is an error that names its place; all of them are said at once.
local facts = import '../facts.libsonnet';
local problems_of = import 'problems.libsonnet';
local words = import 'words.libsonnet';

// Inside the quotes of PromQL.
local escaped(text) = std.strReplace(std.strReplace(text, '\\', '\\\\'), '"', '\\"');

// What stands before and after the name that is filled in.
local around(filled, text) =
  local at = std.findSubstr(filled, text)[0];
  [text[:at], text[at + std.length(filled):]];

function(config)
  local problems = problems_of(config);
  // Here, not in the object below: a local is computed once, a field whenever it is asked for.
  local runbook_url = around('{alert}', config.runbook_url);
  local dashboard_url = around('{board}', config.dashboard_url);
  if problems != [] then error std.join('\n', ['vLLM mixin, _config:'] + problems) else config {
    local bounds(check) = { [s]: facts.checks[check].bounds[s].value for s in std.objectFields(facts.checks[check].bounds) }
                          + std.get(config.thresholds, check, {}),
    local value(check, severity) = bounds(check)[severity],
    // Older Jsonnets take the logarithm of what they format, and there is none of 0.
    local number(value) = if value == 0 then '0' else '%g' % value,
    local target(objective) = std.get(config.objectives, objective, facts.objectives[objective]),

    runbook_url: runbook_url,
    dashboard_url: dashboard_url,
    // The begin of a board's uid: alerts lead to the form that is loaded; of both, to that of the build.
    uid: facts.uids[if config.boards == 'both' then facts.boards else config.boards],
    // What stands between the address of a board and the model that is chosen there.
    following: if std.length(std.findSubstr('?', config.dashboard_url)) > 0 then '&' else '?',

    // A label as the name of a variable on a board.
    title(label)::
      local text = std.strReplace(if std.endsWith(label, '_name') then label[:std.length(label) - 5] else label, '_', ' ');
      std.asciiUpper(text[0]) + std.asciiLower(text[1:]),

    bound(check, severity):: number(value(check, severity)),
    // The bounds of single models, each before those it yields to; `branch` writes one.
    of_models(check, severity, branch):: std.join('', [
      branch(escaped(model.match), number(model.thresholds[check][severity])) + '\nor\n'
      for model in config.models
      if std.objectHas(std.get(std.get(model, 'thresholds', {}), check, {}), severity)
    ]),
    // Null: at once, which Prometheus assumes where nothing is said.
    hold(check, severity)::
      local own = std.get(std.get(config.holds, check, {}), severity, facts.checks[check].bounds[severity].hold);
      if own == '0m' then null else own,

    // Grafana colours from a value on, a check fires above it: anything above 0, or the next count.
    from(check, severity):: if value(check, severity) == 0 then 1e-9 else value(check, severity),
    next(check, severity):: value(check, severity) + 1,
    // The end of an axis that shows a bound of up to 1; else 1.
    room(check, severity)::
      local v = value(check, severity);
      if v > 0 && v <= 1 then std.floor(1.1 * v * 1e6 + 0.5) / 1e6 else 1,
    words(check, severity)::
      local v = value(check, severity);
      if v == 0 then '0' else words.measure(v, facts.checks[check].unit),

    objective(objective):: '%.10g' % target(objective),
    allowed(objective):: '%.10g' % (1 - target(objective)),
    percent(objective):: '%g' % (100 * target(objective)),
  }
