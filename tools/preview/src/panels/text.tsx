import { renderTextPanelMarkdown } from '@grafana/data';
import React from 'react';
import { type PanelProps } from './types';

export function TextPanel({ panel, width, height, replace }: PanelProps) {
  const { mode, content = '' } = panel.options ?? {};
  const text = replace(content);
  const style: React.CSSProperties = { width, height, overflow: 'auto' };
  if (mode === 'code') {
    return <pre style={style}>{text}</pre>;
  }
  const html = mode === 'html' ? text : renderTextPanelMarkdown(text);
  return <div className="markdown-html" style={style} dangerouslySetInnerHTML={{ __html: html }} />;
}
