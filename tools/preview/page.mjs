// Pictures of files: node page.mjs WIDTH[xHEIGHT] SCHEME FILE PNG [FILE PNG]...; without a height the whole page
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [size, scheme, ...pairs] = process.argv.slice(2);
const [width, height] = size.split('x').map(Number);
const executablePath = process.env.CHROMIUM || '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage({ viewport: { width, height: height || 600 }, colorScheme: scheme });
let trouble = 0;
page.on('console', (message) => message.type() === 'error' && (trouble += 1, console.error(message.text())));
for (let i = 0; i + 1 < pairs.length; i += 2) {
  await page.goto(pathToFileURL(pairs[i]).href);
  await page.screenshot({ path: pairs[i + 1], fullPage: !height });
}
await browser.close();
process.exitCode = trouble ? 1 : 0;
