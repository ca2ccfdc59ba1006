// Serves the boards as pages, and takes pictures of them.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cutOff, pale } from './looks.mjs';
import { boardNames, startServer } from './server.mjs';

const USAGE = `usage: node shoot.mjs [serve] --prometheus URL --boards DIR [options] [BOARD...]

  --prometheus URL   where queries go
  --boards DIR       where the dashboards are, NAME.json
  --out DIR          where the pictures go (default: shots)
  --from, --to N     time range, in Unix seconds (default: the board's own)
  --theme NAME       dark (default) or light
  --width N          width of the page in pixels (default: 1440)
  --expand           opens collapsed rows
  --var NAME=VALUE   chooses a value; may be given several times
  --allow-empty      a panel without data is no failure
  --empty TITLE      nor is this one; may be given several times
  --port N           serve: the port (default: any free one)

With serve it only serves, until it is stopped. Otherwise it takes one picture of each board (default: all), prints one
line of JSON for each, and ends with 1 if a panel failed or is empty, a title, a heading, a name in a legend or a text of
a tile is cut off, a text is too pale to read, or the browser's console has an error.`;

const PHONE = 600; // pixels: narrower pages show one panel beside the other no more

const { values: args, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    prometheus: { type: 'string' },
    boards: { type: 'string' },
    out: { type: 'string', default: 'shots' },
    from: { type: 'string' },
    to: { type: 'string' },
    theme: { type: 'string', default: 'dark' },
    width: { type: 'string', default: '1440' },
    var: { type: 'string', multiple: true, default: [] },
    port: { type: 'string', default: '0' },
    expand: { type: 'boolean', default: false },
    'allow-empty': { type: 'boolean', default: false },
    empty: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', default: false },
  },
});

if (args.help || !args.prometheus || !args.boards) {
  console.error(USAGE);
  process.exit(args.help ? 0 : 2);
}

function address(base, board) {
  const query = new URLSearchParams({ board, theme: args.theme });
  if (args.from) query.set('from', args.from);
  if (args.to) query.set('to', args.to);
  if (args.expand) query.set('expand', '1');
  for (const pair of args.var) {
    const [name, ...rest] = pair.split('=');
    query.append(`var-${name}`, rest.join('='));
  }
  return `${base}/?${query}`;
}

/** One board: the picture, and what the page says about it. */
async function shoot(browser, base, board) {
  const page = await browser.newPage({ viewport: { width: Number(args.width), height: 900 } });
  const trouble = [];
  page.on('console', (message) => {
    const { url } = message.location();
    if (message.type() === 'error') trouble.push(message.text() + (/^Failed to load/.test(message.text()) ? ` ${url}` : ''));
  });
  page.on('pageerror', (error) => trouble.push(error.message));
  try {
    await page.goto(address(base, board));
    await page.waitForFunction('window.__done === true', null, { timeout: 90_000 });
    // Tables draw only what is in view.
    const height = await page.evaluate('document.documentElement.scrollHeight');
    await page.setViewportSize({ width: Number(args.width), height });
    await page.waitForTimeout(1_000);
    const picture = join(args.out, `${board}.png`);
    await page.screenshot({ path: picture, fullPage: true });
    const cut = await page.evaluate(cutOff, Number(args.width) < PHONE);
    const faint = await page.evaluate(pale);
    const { panels, errors } = await page.evaluate('window.__report');
    const short = ({ id, title, message }) => ({ id, title, message });
    return {
      board,
      picture,
      panels: panels.length,
      empty: panels.filter((panel) => panel.state === 'empty').map(short),
      errors: panels.filter((panel) => panel.state === 'error').map(short),
      cut,
      pale: faint,
      console: [...new Set([...errors, ...trouble])],
    };
  } catch (error) {
    return { board, picture: null, panels: 0, empty: [], errors: [], cut: [], pale: [], console: [...trouble, String(error)] };
  } finally {
    await page.close();
  }
}

function failed(result) {
  const silent = args['allow-empty'] ? [] : result.empty.filter(({ title }) => !args.empty.includes(title));
  return result.errors.length + result.cut.length + result.pale.length + result.console.length + silent.length > 0;
}

const serveOnly = positionals[0] === 'serve';
const { server, base } = await startServer(args.prometheus, args.boards, Number(args.port));
const known = boardNames(args.boards);

if (serveOnly) {
  console.log(base);
  known.forEach((board) => console.log(address(base, board)));
} else {
  const { chromium } = await import('playwright-core');
  mkdirSync(args.out, { recursive: true });
  const executablePath = process.env.CHROMIUM || '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  let bad = 0;
  for (const board of positionals.length ? positionals : known) {
    const result = await shoot(browser, base, board);
    bad += failed(result) ? 1 : 0;
    console.log(JSON.stringify(result));
  }
  await browser.close();
  server.close();
  process.exitCode = bad ? 1 : 0;
}
