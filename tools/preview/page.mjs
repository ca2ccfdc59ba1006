// Pictures of files: node page.mjs WIDTH[xHEIGHT] SCHEME FILE OUT [FILE OUT]...; without a height the whole page.
// OUT is a PNG or a PDF. Fails at an error in the console, and where a page is wider than its window.
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [size, scheme, ...pairs] = process.argv.slice(2);
const [width, height] = size.split('x').map(Number);
const executablePath = process.env.CHROMIUM || '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage({ viewport: { width, height: height || 600 }, colorScheme: scheme });
let trouble = 0;
const complain = (what) => { trouble += 1; console.error(what); };
page.on('console', (message) => message.type() === 'error' && complain(message.text()));
for (let i = 0; i + 1 < pairs.length; i += 2) {
  await page.goto(pathToFileURL(pairs[i]).href);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (over > 0) complain(`${pairs[i]} is ${over} pixels wider than a window of ${width}`);
  if (pairs[i + 1].endsWith('.pdf')) await page.pdf({ path: pairs[i + 1], format: 'A4' });
  else await page.screenshot({ path: pairs[i + 1], fullPage: !height });
}
await browser.close();
process.exitCode = trouble ? 1 : 0;
