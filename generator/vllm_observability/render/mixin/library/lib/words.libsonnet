// A bound in words, as the boards' descriptions say it.

// What floor(log10(x)) should be: logarithms of 1000 come out a hair under 3.
local magnitude(x) = std.floor(std.log(std.abs(x)) / std.log(10) + 1e-12);

local trimmed(text) =
  if !std.member(text, '.') then text
  else if std.endsWith(text, '0') || std.endsWith(text, '.') then
    local shorter = text[:std.length(text) - 1];
    if std.endsWith(text, '.') then shorter else trimmed(shorter)
  else text;

local grouped(digits) =
  local n = std.length(digits);
  if n <= 3 then digits else grouped(digits[:n - 3]) + ',' + digits[n - 3:];

// To so many significant digits, thousands separated, without needless zeros.
local significant(x, digits=3) =
  if x == 0 then '0' else
    local text = trimmed('%.*f' % [std.max(0, digits - 1 - magnitude(x)), x]);
    local parts = std.split(text, '.');
    std.join('.', [grouped(parts[0])] + parts[1:]);

local rounded(x) =
  if x == 0 then 0 else
    local unit = std.pow(10, 2 - magnitude(x));
    std.floor(x * unit + 0.5) / unit;

local seconds(exact) =
  local x = rounded(exact);
  if x < 0.001 then significant(x * 1e6) + ' µs'
  else if x < 1 then significant(x * 1e3) + ' ms'
  else if x < 120 then significant(x) + ' s'
  else if x < 7200 then significant(x / 60) + ' min'
  else if x < 172800 then significant(x / 3600) + ' h'
  else significant(x / 86400) + ' d';

local share(x) =
  local percent = 100 * x;
  // 99.97 % is not 100 %.
  local shown = if percent < 100 && percent >= 99.95 then std.min(percent, 99.99) else percent;
  significant(shown, if shown > 99 then 4 else 3) + ' %';

{
  measure(x, unit)::
    if unit == 's' then seconds(x)
    else if unit == 'ratio' then share(x)
    else if std.endsWith(unit, '/s') then significant(x) + ' ' + unit
    else significant(x, if x == std.floor(x) then 15 else 3),
}
