import { ThemeContext } from '@grafana/data';
import { GlobalStyles } from '@grafana/ui';
import React from 'react';
import { createRoot } from 'react-dom/client';
import { Board, place } from './layout';
import { boardName, theme, timeRange } from './params';
import { complain, expect } from './report';
import { readVariables } from './variables';

const root = createRoot(document.getElementById('root')!);

function show(content: React.ReactNode): void {
  root.render(
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      {content}
    </ThemeContext.Provider>
  );
}

/** Charts measure text as they are drawn, so the fonts come first; where they are missing, others serve. */
async function loadFonts(): Promise<void> {
  show(null);
  await new Promise((done) => setTimeout(done, 50));
  await Promise.all(['400 12px Inter', '500 12px Inter'].map((font) => document.fonts.load(font).catch(() => [])));
}

async function start(): Promise<void> {
  const response = await fetch(`/boards/${encodeURIComponent(boardName)}.json`);
  if (!response.ok) {
    throw new Error(`There is no board ${boardName}`);
  }
  const board = await response.json();
  const range = timeRange(board);
  await loadFonts();
  const variables = await readVariables(board, range);
  const placed = place(board);
  expect(placed.filter(({ panel }) => panel.type !== 'row').length);
  document.title = board.title;
  show(<Board board={board} placed={placed} variables={variables} range={range} />);
}

start().catch((error) => {
  complain(String(error));
  document.body.textContent = String(error);
  expect(0);
});
