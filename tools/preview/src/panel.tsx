/** One panel: its frame, its queries, and what they answer. */

import { type DataFrame, FieldType, type TimeRange } from '@grafana/data';
import { PanelChrome } from '@grafana/ui';
import React, { useEffect, useState } from 'react';
import { fieldConfig, prepare } from './fields';
import { DRAWS_NOTHING, KINDS } from './panels';
import { alertTargets } from './panels/alertlist';
import { queryPanel } from './prometheus';
import { type State, tell } from './report';
import { substitute, type Variable } from './variables';

interface Props {
  panel: any;
  variables: Variable[];
  range: TimeRange;
  width: number;
  height: number;
}

/** How many values there are to draw; of a table, how many rows. */
function count(frames: DataFrame[], type: string): number {
  if (type === 'table') {
    return frames.reduce((sum, frame) => sum + frame.length, 0);
  }
  return frames.reduce((sum, frame) => {
    const columns = frame.fields.filter((field) => field.type === FieldType.number);
    const values = columns.flatMap((field) => field.values.filter((value) => value != null && !Number.isNaN(value)));
    return sum + values.length;
  }, 0);
}

async function load(panel: any, variables: Variable[], range: TimeRange, width: number): Promise<DataFrame[]> {
  const replace = (text: string) => substitute(text, variables);
  const targets = panel.type === 'alertlist' ? alertTargets(panel, replace) : panel.targets;
  return prepare(panel, await queryPanel({ ...panel, targets }, variables, range, width), variables);
}

class Guard extends React.Component<{ onError: (error: Error) => void; children: React.ReactNode }> {
  state = { failed: false };
  static getDerivedStateFromError() {
    return { failed: true };
  }
  componentDidCatch(error: Error) {
    this.props.onError(error);
  }
  render() {
    return this.state.failed ? null : this.props.children;
  }
}

export function Panel({ panel, variables, range, width, height }: Props) {
  const [frames, setFrames] = useState<DataFrame[]>();
  const [error, setError] = useState('');
  const { id, type } = panel;
  const replace = (text: string) => substitute(text ?? '', variables);
  const title = replace(panel.title);
  const Kind = KINDS[type];

  const fail = (problem: unknown) => {
    const message = problem instanceof Error ? problem.message : String(problem);
    setError(message);
    tell({ id, title, type, frames: 0, points: 0, state: 'error', message });
  };

  useEffect(() => {
    if (!Kind) {
      fail(`no preview of panels of type ${type}`);
      return;
    }
    load(panel, variables, range, width).then((found) => {
      const points = count(found, type);
      const state: State = points || type === 'text' ? 'data' : 'empty';
      const message = state === 'empty' ? (panel.fieldConfig?.defaults?.noValue ?? '') : '';
      tell({ id, title, type, frames: found.length, points, state, message });
      setFrames(found);
    }, fail);
  }, []);

  const config = fieldConfig(panel);
  const empty = frames && !count(frames, type);
  const body = (innerWidth: number, innerHeight: number) => {
    if (error) {
      return <Message text={error} width={innerWidth} height={innerHeight} />;
    }
    if (!frames || !Kind) {
      return null;
    }
    if (empty && !DRAWS_NOTHING.has(type)) {
      return <Message text={config.defaults.noValue || 'No data'} width={innerWidth} height={innerHeight} />;
    }
    const props = { panel, config, frames, range, replace, width: innerWidth, height: innerHeight };
    return (
      <Guard onError={fail}>
        <Kind {...props} />
      </Guard>
    );
  };
  return (
    <PanelChrome
      title={title}
      description={panel.description ? replace(panel.description) : undefined}
      width={width}
      height={height}
      padding={type === 'table' || type === 'alertlist' || !KINDS[type] ? 'none' : 'md'}
      displayMode={panel.transparent ? 'transparent' : 'default'}
      statusMessage={error || undefined}
      hoverHeader={!title}
    >
      {body}
    </PanelChrome>
  );
}

/** What stands in place of a picture. */
function Message({ text, width, height }: { text: string; width: number; height: number }) {
  const style: React.CSSProperties = {
    display: 'flex',
    alignItems: 'center',
    justifyContent: 'center',
    textAlign: 'center',
    width,
    height,
    fontSize: 18,
    padding: 8,
  };
  return <div style={style}>{text}</div>;
}
