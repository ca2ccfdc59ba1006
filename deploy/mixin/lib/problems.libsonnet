// Emitted by vllm-obs build: choose in _config, or change the settings and build again.
// What is wrong with a _config, one sentence a problem; none: [].
local defaults = import '../config.libsonnet';
local facts = import '../facts.libsonnet';
local patterns = import 'patterns.libsonnet';

local listed(names) = std.join(', ', names);
local keys(object) = if std.isObject(object) then std.objectFields(object) else [];
local wrong(condition, sentence) = if condition then [sentence] else [];
local all(arrays) = std.flattenArrays(arrays);

local letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_';
local made_of(text, characters) =
  std.length([c for c in std.stringChars(text) if !std.member(characters, c)]) == 0;
local is_label(text) =
  std.isString(text) && text != '' && made_of(text, letters + '0123456789') && made_of(text[0], letters);
local is_prefix(text) =
  std.isString(text) && std.length(text) > 1 && made_of(text, letters + ':0123456789') && made_of(text[0], letters + ':')
  && std.member(':_', text[std.length(text) - 1]);

local seconds_of = { s: 1, m: 60, h: 3600, d: 86400 };
// Seconds of '5m'; null where it is no whole number of one unit.
local seconds(text) =
  if !std.isString(text) || std.length(text) < 2 then null else
    local number = text[:std.length(text) - 1];
    local unit = text[std.length(text) - 1];
    if std.objectHas(seconds_of, unit) && made_of(number, '0123456789') then std.parseInt(number) * seconds_of[unit];

local unknown(place, names, known) = [
  '%s: there is no %s; known here: %s' % [place, name, listed(known)]
  for name in names
  if !std.member(known, name)
];

// `each(check, severity, value)` says what is wrong with one value of {check: {severity: value}}.
local by_severity(place, table, each) =
  wrong(!std.isObject(table), '%s: must be {check: {severity: …}}' % place)
  + unknown(place, keys(table), std.objectFields(facts.checks))
  + all([
    wrong(!std.isObject(table[check]), '%s.%s: must be {severity: …}' % [place, check])
    + unknown('%s.%s' % [place, check], keys(table[check]), std.objectFields(facts.checks[check].bounds))
    + all([
      each(check, severity, table[check][severity])
      for severity in keys(table[check])
      if std.objectHas(facts.checks[check].bounds, severity)
    ])
    for check in keys(table)
    if std.objectHas(facts.checks, check)
  ]);

local bound(place) = function(check, severity, value)
  local where = '%s.%s.%s' % [place, check, severity];
  local own = facts.checks[check].bounds[severity];
  if !std.objectHas(own, 'value') then ['%s: this check has no threshold, it fires at an event' % where]
  else if !std.isNumber(value) then ['%s: must be a number' % where]
  else wrong(value < 0, '%s: %g is not a possible threshold' % [where, value])
       + wrong(value == 0 && facts.checks[check].op == '<', '%s: 0 can never be fallen below' % where)
       + wrong(std.objectHas(own, 'under') && value >= own.under, '%s: must be under %g, which is never exceeded' % [where, own.under]);

// A warning past the critical bound would never be a warning. `tables`: the nearest first.
local in_order(place, tables, check) =
  local limit(severity) =
    local said = [table[check][severity] for table in tables if std.objectHas(std.get(table, check, {}), severity)];
    if said == [] then facts.checks[check].bounds[severity].value else said[0];
  wrong(
    std.length(keys(facts.checks[check].bounds)) == 2 &&
    (if facts.checks[check].op == '>' then limit('warning') >= limit('critical') else limit('warning') <= limit('critical')),
    '%s.%s: the warning threshold must come before the critical one' % [place, check]
  );

local thresholds(place, table, behind=[]) =
  local problems = by_severity(place, table, bound(place));
  if problems != [] then problems else all([in_order(place, [table] + behind, check) for check in keys(table)]);

local hold(check, severity, value) =
  local where = 'holds.%s.%s' % [check, severity];
  local given = seconds(value);
  if given == null then ['%s: must be a whole number with s, m, h or d, as 5m' % where]
  else
    local least = facts.checks[check].shortest_hold;
    wrong(given < least, '%s: %s is under two evaluations (%ds)' % [where, value, least]);

local of_model(model, place, behind) =
  if !std.isObject(model) then ['%s: must be {match: regular expression, thresholds: {…}}' % place] else
    unknown(place, keys(model), ['match', 'thresholds'])
    + (
      local match = std.get(model, 'match');
      if !std.isString(match) then ['%s.match: must be a regular expression on the whole model name' % place]
      else local bad = patterns.regex(match); wrong(bad != null, '%s.match: Prometheus takes no such regular expression: %s' % [place, bad])
    )
    + [
      '%s.thresholds.%s: is about servers, not models; it can only stand under thresholds' % [place, check]
      for check in keys(std.get(model, 'thresholds', {}))
      if std.objectHas(facts.checks, check) && !facts.checks[check].of_models
    ]
    + thresholds(place + '.thresholds', std.get(model, 'thresholds', {}), behind);

local address(config, key, filled) = wrong(
  !std.isString(config[key]) || std.length(std.findSubstr(filled, config[key])) != 1,
  '%s: must hold %s once' % [key, filled]
);

function(config)
  local of_all = thresholds('thresholds', config.thresholds);
  unknown('_config', std.objectFieldsAll(config), std.objectFieldsAll(defaults))
  + wrong(!is_prefix(config.metric_prefix), "metric_prefix: must be the begin of a metric's name, up to a : or _")
  + all([
    wrong(!is_label(config[key]), '%s: must be the name of a label' % key)
    + wrong(std.member(facts.taken, config[key]), '%s: %s is used by vLLM, by Prometheus or by the rules themselves' % [key, config[key]])
    for key in facts.labels
  ])
  + wrong(
    std.length(std.set([config[key] for key in facts.labels])) < std.length(facts.labels),
    '%s: a label is given twice' % listed(facts.labels)
  )
  + wrong(
    std.objectHas(defaults, 'target_selector') && (!std.isString(config.target_selector) || config.target_selector == ''),
    'target_selector: must be PromQL matchers without braces, as job=~".*vllm.*"'
  )
  + (
    if !std.objectHas(defaults, 'target_selector') || !std.isString(config.target_selector) || config.target_selector == '' then []
    else local bad = patterns.matchers(config.target_selector); wrong(bad != null, 'target_selector: %s' % bad)
  )
  + address(config, 'runbook_url', '{alert}')
  + address(config, 'dashboard_url', '{board}')
  + wrong(
    std.isString(config.dashboard_url) && std.length(std.findSubstr('#', config.dashboard_url)) > 0,
    "dashboard_url: can't hold #, because the model is added behind it"
  )
  + of_all
  + by_severity('holds', config.holds, hold)
  + (
    if !std.isArray(config.models) then ['models: must be a list'] else
      all([
        of_model(config.models[i], 'models.%d' % i, if of_all == [] then [config.thresholds] else [])
        for i in std.range(0, std.length(config.models) - 1)
      ])
  )
  + unknown('objectives', keys(config.objectives), std.objectFields(facts.objectives))
  + [
    'objectives.%s: must lie between 0 and 1, as 0.95 for 95 %%' % name
    for name in keys(config.objectives)
    if !std.isNumber(config.objectives[name]) || config.objectives[name] <= 0 || config.objectives[name] >= 1
  ]
  + (
    if std.isArray(config.alerts_off) then unknown('alerts_off', config.alerts_off, facts.alerts)
    else ['alerts_off: must be a list of alerts']
  )
  + wrong(!std.member(['both', 'raw', 'fleet'], config.boards), 'boards: must be both, raw or fleet')
