/** The page: title, variables, and panels on Grafana's grid of 24 columns. */

import { rangeUtil, type TimeRange } from '@grafana/data';
import { Icon, Switch } from '@grafana/ui';
import React from 'react';
import { Panel } from './panel';
import { expand, theme } from './params';
import { substitute, type Variable } from './variables';

const COLUMNS = 24;
const GAP = 8;
const UNIT = 30; // height of one row of the grid, without the gap
const MARGIN = 16;

interface Placed {
  panel: any;
  y: number;
  /** Of a row, whether its panels show. */
  open?: boolean;
}

/** Panels from top to bottom; those of a collapsed row push down what follows, where they show. */
export function place(board: any): Placed[] {
  const out: Placed[] = [];
  let shift = 0;
  const inOrder = [...board.panels].sort((a, b) => a.gridPos.y - b.gridPos.y || a.gridPos.x - b.gridPos.x);
  for (const panel of inOrder) {
    const y = panel.gridPos.y + shift;
    if (panel.type !== 'row') {
      out.push({ panel, y });
      continue;
    }
    const held: any[] = panel.collapsed ? (panel.panels ?? []) : [];
    out.push({ panel, y, open: !panel.collapsed || expand });
    if (expand && held.length) {
      const top = Math.min(...held.map((each) => each.gridPos.y));
      const bottom = Math.max(...held.map((each) => each.gridPos.y + each.gridPos.h));
      held.forEach((each) => out.push({ panel: each, y: y + 1 + each.gridPos.y - top }));
      shift += bottom - top;
    }
  }
  return out;
}

/** As Grafana draws on a narrow screen: one panel under the other, each over the whole width. */
function stacked(placed: Placed[]): Placed[] {
  let y = 0;
  return [...placed]
    .sort((a, b) => a.y - b.y || a.panel.gridPos.x - b.panel.gridPos.x)
    .map((each) => {
      const gridPos = { ...each.panel.gridPos, x: 0, w: COLUMNS };
      y += gridPos.h;
      return { ...each, panel: { ...each.panel, gridPos }, y: y - gridPos.h };
    });
}

interface BoardProps {
  board: any;
  placed: Placed[];
  variables: Variable[];
  range: TimeRange;
}

export function Board({ board, placed: wide, variables, range }: BoardProps) {
  const placed = window.innerWidth < theme.breakpoints.values.md ? stacked(wide) : wide;
  const width = window.innerWidth - 2 * MARGIN;
  const column = (width + GAP) / COLUMNS;
  const bottom = Math.max(0, ...placed.map(({ panel, y }) => y + panel.gridPos.h));
  return (
    <div style={{ background: theme.colors.background.canvas, padding: MARGIN, minHeight: '100vh' }}>
      <Head board={board} range={range} />
      <Bar variables={variables} board={board} />
      <div style={{ position: 'relative', height: bottom * (UNIT + GAP) }}>
        {placed.map(({ panel, y, open }) => {
          const { x, w, h } = panel.gridPos;
          const box = { left: x * column, top: y * (UNIT + GAP), width: w * column - GAP, height: h * (UNIT + GAP) - GAP };
          return (
            <div key={panel.id} style={{ position: 'absolute', ...box }}>
              {panel.type === 'row' ? (
                <Row title={substitute(panel.title, variables)} open={Boolean(open)} held={panel.panels?.length ?? 0} />
              ) : (
                <Panel panel={panel} variables={variables} range={range} width={box.width} height={box.height} />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Row({ title, open, held }: { title: string; open: boolean; held: number }) {
  const line: React.CSSProperties = open
    ? {}
    : { borderBottom: `1px solid ${theme.colors.border.weak}`, paddingBottom: 2 };
  return (
    <div style={{ display: 'flex', alignItems: 'center', gap: 8, height: '100%', ...line }}>
      <Icon name={open ? 'angle-down' : 'angle-right'} />
      <span style={{ ...theme.typography.h5, margin: 0 }}>{title}</span>
      {!open && (
        <span style={{ color: theme.colors.text.secondary, fontSize: 12 }}>
          ({held} {held === 1 ? 'panel' : 'panels'})
        </span>
      )}
    </div>
  );
}

const boxed: React.CSSProperties = {
  display: 'inline-flex',
  alignItems: 'center',
  gap: 8,
  height: 32,
  padding: '0 8px',
  border: `1px solid ${theme.colors.border.medium}`,
  borderRadius: 2,
  background: theme.components.input.background,
};

function Head({ board, range }: { board: any; range: TimeRange }) {
  const text = rangeUtil.describeTimeRange(range.raw, 'utc');
  return (
    <div style={{ display: 'flex', alignItems: 'flex-start', gap: 16, marginBottom: 12 }}>
      <div style={{ flex: 1, minWidth: 0 }}>
        <h1 style={{ fontSize: 22, lineHeight: '28px', margin: 0, fontWeight: 500 }}>{board.title}</h1>
        <div style={{ color: theme.colors.text.secondary }}>{board.description}</div>
      </div>
      <div style={boxed}>
        <Icon name="clock-nine" />
        <span>{text}</span>
        <span style={{ color: theme.colors.text.secondary }}>UTC</span>
      </div>
      {board.refresh && (
        <div style={boxed}>
          <Icon name="sync" />
          <span>{board.refresh}</span>
        </div>
      )}
    </div>
  );
}

function Bar({ variables, board }: { variables: Variable[]; board: any }) {
  const label: React.CSSProperties = {
    ...boxed,
    background: theme.colors.background.secondary,
    borderRight: 'none',
    fontSize: 12,
    fontWeight: 500,
  };
  const toggles = (board.annotations?.list ?? []).filter((each: any) => !each.hide && !each.builtIn);
  return (
    <div style={{ display: 'flex', flexWrap: 'wrap', gap: 8, marginBottom: 16 }}>
      {variables
        .filter((each) => !each.hidden)
        .map((each) => (
          <div key={each.name} style={{ display: 'flex' }}>
            <span style={label}>{each.label}</span>
            <span style={{ ...boxed, minWidth: 60, justifyContent: 'space-between' }}>
              {each.text || ' '}
              {each.type !== 'textbox' && <Icon name="angle-down" />}
            </span>
          </div>
        ))}
      {toggles.map((each: any) => (
        <div key={each.name} style={{ display: 'flex' }}>
          <span style={label}>{each.name}</span>
          <span style={boxed}>
            <Switch value={Boolean(each.enable)} />
          </span>
        </div>
      ))}
      <span style={{ flex: 1 }} />
      {(board.links ?? []).map((link: any) => (
        <span key={link.title} style={boxed}>
          <Icon name={link.type === 'dashboards' ? 'bars' : link.icon === 'dashboard' ? 'apps' : 'external-link-alt'} />
          {link.title}
          {link.asDropdown && <Icon name="angle-down" />}
        </span>
      ))}
    </div>
  );
}
