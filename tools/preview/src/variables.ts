/** Template variables: what is chosen, and its substitution into queries and texts. */

import { type TimeRange } from '@grafana/data';
import { labelValues } from './prometheus';
import { givenValues } from './params';

export interface Variable {
  name: string;
  label: string;
  type: string;
  hidden: boolean;
  /** Chosen values; for "All" the pattern alone. */
  values: string[];
  /** Shown in the bar. */
  text: string;
  all: boolean;
  /** Several may be chosen, so that values are patterns. */
  listed: boolean;
}

export type Scope = Record<string, string>;

const list = (value: unknown): string[] => (Array.isArray(value) ? value : [value ?? '']).map(String);

/** Reads the variables of a board, in order, as each may depend on those before it. */
export async function readVariables(board: any, range: TimeRange): Promise<Variable[]> {
  const out: Variable[] = [];
  for (const raw of board.templating?.list ?? []) {
    out.push(await readVariable(raw, out, range));
  }
  return out;
}

async function readVariable(raw: any, before: Variable[], range: TimeRange): Promise<Variable> {
  const common = {
    name: raw.name,
    label: raw.label || raw.name,
    type: raw.type,
    hidden: raw.hide === 2 || raw.hide === 'hideVariable',
    listed: Boolean(raw.multi || raw.includeAll),
    all: false,
  };
  if (raw.type === 'datasource') {
    return { ...common, values: ['preview'], text: 'default' };
  }
  const fallback = raw.type === 'textbox' ? (raw.current?.value ?? raw.query) : raw.current?.value;
  let values = givenValues(raw.name) ?? list(fallback).filter((value) => value !== '' || raw.type === 'textbox');
  if (raw.includeAll && values.some((value) => value === '$__all' || value === 'All' || value === raw.allValue)) {
    return { ...common, values: [raw.allValue || '.*'], text: 'All', all: true };
  }
  if (!values.length) {
    values = (await choices(raw, before, range)).slice(0, 1);
  }
  return { ...common, values, text: values.join(' + ') };
}

async function choices(raw: any, before: Variable[], range: TimeRange): Promise<string[]> {
  const query: string = typeof raw.query === 'string' ? raw.query : (raw.query?.query ?? '');
  if (raw.type !== 'query') {
    return query.split(',').map((value) => value.trim());
  }
  const found = /^label_values\((?:([\s\S]+),)?\s*([\w]+)\s*\)$/.exec(query.trim());
  return found ? labelValues(found[2], found[1] && substitute(found[1], before, {}, true), range) : [];
}

const escapeOne = (value: string) => value.replace(/\\/g, '\\\\').replace(/'/g, "\\\\'");
const escapePattern = (value: string) => value.replace(/\\/g, '\\\\\\\\').replace(/[$^*{}[\]+?.()|]/g, '\\\\$&');
const escapeRegex = (value: string) => value.replace(/[\\^$*+?.()|[\]{}/]/g, '\\$&');

function formatted(variable: Variable, format: string | undefined, forQuery: boolean): string {
  const { values } = variable;
  const joined = (each: string[]) => (each.length === 1 ? each[0] : `(${each.join('|')})`);
  if (format === 'raw' || (variable.all && format !== 'text')) {
    return values.join(',');
  }
  switch (format) {
    case 'regex':
      return joined(values.map(escapeRegex));
    case 'pipe':
      return values.join('|');
    case 'csv':
      return values.join(',');
    case 'text':
      return variable.text;
    case 'doublequote':
      return values.map((value) => `"${value}"`).join(',');
  }
  if (!forQuery) {
    return values.length > 1 ? `{${values.join(',')}}` : (values[0] ?? '');
  }
  return variable.listed ? joined(values.map(escapePattern)) : escapeOne(values[0] ?? '');
}

/** Puts values in place of $name, ${name}, ${name:format} and [[name]]; what is unknown stays. */
export function substitute(text: string, variables: Variable[], scope: Scope = {}, forQuery = false): string {
  const pattern = /\$(\w+)|\$\{(\w+)(?:\.[^:}]+)?(?::([^}]+))?\}|\[\[(\w+)(?::(\w+))?\]\]/g;
  return text.replace(pattern, (whole, plain, braced, format, square, squareFormat) => {
    const name = plain ?? braced ?? square;
    if (name in scope) {
      return scope[name];
    }
    const variable = variables.find((each) => each.name === name);
    return variable ? formatted(variable, format ?? squareFormat, forQuery) : whole;
  });
}
