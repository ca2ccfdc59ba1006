import { type FieldDisplay, formattedValueToString, getActiveThreshold, VizOrientation } from '@grafana/data';
import { VizRepeater } from '@grafana/ui';
import React from 'react';
import { theme } from '../params';
import { type PanelProps } from './types';
import { displayValues } from './values';

const START = -120; // degrees from the top, clockwise
const SWEEP = 240;

function point(cx: number, cy: number, r: number, share: number): string {
  const angle = ((START + SWEEP * share - 90) * Math.PI) / 180;
  return `${(cx + r * Math.cos(angle)).toFixed(2)} ${(cy + r * Math.sin(angle)).toFixed(2)}`;
}

function arc(cx: number, cy: number, r: number, from: number, to: number): string {
  const large = (to - from) * SWEEP > 180 ? 1 : 0;
  return `M ${point(cx, cy, r, from)} A ${r} ${r} 0 ${large} 1 ${point(cx, cy, r, to)}`;
}

interface DialProps {
  value: FieldDisplay;
  width: number;
  height: number;
  named: boolean;
  markers: boolean;
}

/** An arc for the value, and a thin one outside it that shows the steps. */
function Dial({ value, width, height, named, markers }: DialProps) {
  const { display, field } = value;
  const min = field.min ?? 0;
  const max = field.max ?? 100;
  const share = (number: number) => Math.min(1, Math.max(0, (number - min) / (max - min || 1)));
  const nameHeight = named ? 22 : 0;
  const outer = Math.max(10, Math.min(width / 2, (height - nameHeight) / 1.55) - 4);
  const thick = Math.max(6, outer * 0.22);
  const ring = markers ? Math.max(3, outer * 0.05) : 0;
  const radius = outer - ring * 2 - thick / 2;
  const [cx, cy] = [width / 2, outer + 4 + Math.max(0, (height - nameHeight - outer * 1.55 - 8) / 2)];
  const steps = field.thresholds?.steps ?? [];
  const text = formattedValueToString(display);
  const size = Math.min(outer * 0.42, (radius * 1.5) / Math.max(text.length * 0.58, 1));
  const color = display.color ?? theme.colors.text.primary;
  return (
    <svg width={width} height={height} style={{ display: 'block' }}>
      <path
        d={arc(cx, cy, radius, 0, 1)}
        stroke={theme.colors.background.secondary}
        strokeWidth={thick}
        fill="none"
      />
      {Number.isFinite(display.numeric) && share(display.numeric) > 0 && (
        <path d={arc(cx, cy, radius, 0, share(display.numeric))} stroke={color} strokeWidth={thick} fill="none" />
      )}
      {markers &&
        steps.map((step, i) => {
          const from = share(step.value === -Infinity ? min : step.value);
          const to = i + 1 < steps.length ? share(steps[i + 1].value) : 1;
          const paint = theme.visualization.getColorByName(getActiveThreshold(step.value, steps).color);
          return to > from ? (
            <path key={i} d={arc(cx, cy, outer - ring / 2, from, to)} stroke={paint} strokeWidth={ring} fill="none" />
          ) : null;
        })}
      <text
        x={cx}
        y={cy}
        textAnchor="middle"
        dominantBaseline="central"
        fontSize={size}
        fontWeight={500}
        fontFamily={theme.typography.fontFamily}
        fill={display.color ? color : theme.colors.text.primary}
      >
        {text}
      </text>
      {named && (
        <text
          x={cx}
          y={cy + outer * 0.55 + 18}
          textAnchor="middle"
          fontSize={14}
          fontFamily={theme.typography.fontFamily}
          fill={theme.colors.text.primary}
        >
          {display.title}
        </text>
      )}
    </svg>
  );
}

export function GaugePanel(props: PanelProps) {
  const { panel, frames, width, height } = props;
  const { options = {} } = panel;
  return (
    <VizRepeater
      getValues={() => displayValues(props, false)}
      renderValue={({ value, width, height, count }) => (
        <Dial
          value={value}
          width={width}
          height={height}
          named={count > 1 || Boolean(panel.fieldConfig?.defaults?.displayName)}
          markers={Boolean(options.showThresholdMarkers)}
        />
      )}
      width={width}
      height={height}
      source={frames}
      renderCounter={0}
      autoGrid={true}
      itemSpacing={16}
      orientation={options.orientation ?? VizOrientation.Auto}
    />
  );
}
