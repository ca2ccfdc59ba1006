// What Prometheus would refuse of matchers and regular expressions (RE2), as far as it can be seen without an RE2: brackets
// that don't pair, what is repeated twice or not there, look-around, references back, escapes that PromQL doesn't know.
local digits = '0123456789';
local member(text, c) = std.length(std.findSubstr(c, text)) > 0;

// One character further into a regular expression. prev: what a repetition would repeat.
local step(s, c) =
  local to(changes) = s + changes;
  local fail(why) = s { problem: why };
  if s.problem != null then s
  else if s.mode == 'quote' then
    if s.before == '\\' && c == 'E' then to({ mode: 'plain', before: '', prev: 'atom' }) else to({ before: c })
  else if s.mode == 'escape' then
    if c == 'Q' && s.from == 'plain' then to({ mode: 'quote', before: '' })
    else if member('123456789', c) then fail('a reference back, which RE2 has not')
    else if member('ZGKX', c) then fail('\\%s, which RE2 has not' % c)
    else to({ mode: s.from, prev: 'atom', first: false })
  else if s.mode == 'class' then
    if c == '\\' then to({ mode: 'escape', from: 'class' })
    else if c == ']' && !s.first then to({ mode: 'plain', prev: 'atom' })
    else to({ first: s.first && c == '^' && !s.negated, negated: s.first && c == '^' })
  else if s.mode == 'group' then  // behind a bracket that opens
    if c == '?' then to({ mode: 'kind', kind: '' }) else step(to({ mode: 'plain' }), c)
  else if s.mode == 'kind' then
    local kind = s.kind + c;
    if member('=!>#|&', c) && (s.kind == '' || s.kind == '<') then fail('(?%s, which RE2 has not' % kind)
    else if c == ':' || c == '>' then to({ mode: 'plain' })
    else if c == ')' then to({ mode: 'plain', depth: s.depth - 1 })
    else to({ kind: kind })
  else if c == '\\' then to({ mode: 'escape', from: 'plain' })
  else if c == '[' then to({ mode: 'class', first: true, negated: false })
  else if c == '(' then to({ mode: 'group', depth: s.depth + 1, prev: 'start' })
  else if c == ')' then if s.depth == 0 then fail('a ) without its (') else to({ depth: s.depth - 1, prev: 'atom' })
  else if c == '|' then to({ prev: 'start' })
  else if member('*+?', c) then
    if s.prev == 'start' then fail('%s with nothing before it' % c)
    else if s.prev == 'repeated' && c == '?' then to({ prev: 'lazy' })
    else if s.prev == 'atom' then to({ prev: 'repeated' })
    else fail('a repetition of a repetition')
  else to({ prev: 'atom' });

// What is wrong with a regular expression; null: nothing that can be seen.
local regex(text) =
  local start = { mode: 'plain', depth: 0, prev: 'start', problem: null };
  local end = std.foldl(step, std.stringChars(text), start);
  if end.problem != null then end.problem
  else if end.mode == 'class' then 'a [ without its ]'
  else if end.mode == 'escape' then 'a \\ at its end'
  else if end.depth > 0 || end.mode == 'kind' then 'a ( without its )'
  else null;

local form = 'is not of the form label="value",label=~"regex"';

// The same for matchers without braces, as job=~".*vllm.*",env!="test".
local matchers(text) =
  local read(s, c) =
    if s.problem != null then s
    else if s.mode == 'escape' then
      if member('abfnrtvxuU\\"' + digits, c) then s { mode: 'value', value+: if c == '\\' then '\\' else c }
      else s { problem: 'has \\%s in a string, which PromQL does not know; write the backslash twice' % c }
    else if s.mode == 'value' then
      if c == '\\' then s { mode: 'escape' }
      else if c == '"' then
        local bad = if member(s.head, '~') then regex(s.value) else null;
        s { mode: 'behind', problem: if bad == null then null else 'has no regular expression that Prometheus takes: %s' % bad }
      else if c == '\n' then s { problem: form }
      else s { value+: c }
    else if s.mode == 'behind' then
      if c == ',' then s { mode: 'head', head: '' } else if c == ' ' then s else s { problem: form }
    else if c == '"' then
      local head = std.strReplace(s.head, ' ', '');
      local ends = [op for op in ['=~', '!~', '!=', '='] if std.endsWith(head, op)];
      local label = if ends == [] then '' else head[:std.length(head) - std.length(ends[0])];
      local letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_';
      local fine = label != '' && member(letters, label[0])
                   && std.length([l for l in std.stringChars(label) if !member(letters + digits, l)]) == 0;
      s { mode: 'value', value: '', head: head, problem: if fine then null else form }
    else s { head+: c };
  local end = std.foldl(read, std.stringChars(text), { mode: 'head', head: '', problem: null });
  if end.problem != null then end.problem else if end.mode == 'behind' then null else form;

{ regex: regex, matchers: matchers }
