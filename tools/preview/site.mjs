// Reads the documentation site as people do: node site.mjs ADDRESS [PICTURES]
// Menus, search, width of a phone; fails at a word in the console, a request to another host, or a page wider than its window.
import { chromium } from 'playwright-core';

const [address, pictures] = process.argv.slice(2);
const executablePath = process.env.CHROMIUM || '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
const troubles = [];
const expect = (holds, what) => holds || troubles.push(what);

async function open(width, height, colorScheme) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && troubles.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
  page.on('request', (request) => {
    const url = request.url();
    expect(url.startsWith(address) || url.startsWith('data:') || url.startsWith('blob:'), `request to outside: ${url}`);
  });
  return page;
}

async function picture(page, name) {
  if (pictures) await page.screenshot({ path: `${pictures}/${name}.png` });
}

async function fits(page, path) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide <= 0, `${path} is ${wide} pixels wider than its window`);
}

const search = {
  'gpu_cache_usage_perc': 'metrics/cache',
  'rate_window': 'reference/settings',
  'VllmQueueDrainSlow': 'VllmQueueDrainSlow',
  'fail-on-regression': 'reference/commands',
  'Queue drains in': 'docs/boards/',
};

const desk = await open(1280, 900, 'light');
await desk.goto(`${address}/`);
expect((await desk.title()).includes('vLLM observability'), 'the first page has no title');
await picture(desk, 'site-start');
const tabs = await desk.locator('.md-tabs__link').evaluateAll((links) => links.map((link) => link.href));
expect(tabs.length >= 6, `only ${tabs.length} tabs`);
for (const tab of tabs) {
  const answer = await desk.goto(tab);
  expect(answer.ok(), `${tab} answers ${answer.status()}`);
  expect((await desk.locator('h1').count()) === 1, `${tab} has not one heading`);
  await fits(desk, tab);
}
await desk.goto(`${address}/`);
await desk.locator('.md-tabs__link', { hasText: 'Boards' }).click();
await desk.locator('.md-sidebar--primary').getByRole('link', { name: 'KV cache' }).first().click();
await desk.waitForURL('**/vllm-kv-cache/');
expect(await desk.locator('article img').first().evaluate((image) => image.complete && image.naturalWidth > 0), 'a board has no picture');
await picture(desk, 'site-board');

for (const [query, place] of Object.entries(search)) {
  const input = desk.locator('.md-search__input');
  const result = desk.locator('.md-search-result__link');
  let there = false;
  // On a busy machine a key is pressed before the page listens, and what is typed before the index is there is not searched for.
  for (let tries = 0; tries < 12 && !there; tries += 1) {
    if (tries % 3 === 0) {
      await desk.goto(`${address}/`);
      await desk.keyboard.press('/');
    }
    await input.fill('');
    await input.fill(query);
    there = await result.first().waitFor({ timeout: 6000 }).then(() => true, () => false);
  }
  expect(there, `search for ${query} finds nothing`);
  const found = await result.evaluateAll((links) => links.map((link) => link.href));
  expect(found.slice(0, 8).some((link) => link.includes(place)), `search for ${query} does not lead to ${place}`);
  if (query === 'rate_window') await picture(desk, 'site-search');
}

const phone = await open(390, 844, 'dark');
for (const path of ['', 'docs/report/', 'docs/reference/settings/', 'docs/reference/metrics/', 'docs/reference/alerts/', 'docs/boards/vllm-overview/', 'docs/cost/', 'alerts/runbooks/VllmKvCacheUsageHigh/']) {
  const answer = await phone.goto(`${address}/${path}`);
  expect(answer.ok(), `${path} answers ${answer.status()}`);
  await fits(phone, path);
  if (path === 'docs/reference/settings/') await picture(phone, 'site-phone');
}
await phone.goto(`${address}/`);
await phone.locator('label.md-header__button[for="__drawer"]').click();
await phone.locator('.md-nav--primary').getByText('Reference', { exact: true }).first().click();
await phone.locator('.md-nav--primary').locator('a[href$="reference/settings/"]').click();
await phone.waitForURL('**/reference/settings/');

await browser.close();
for (const trouble of new Set(troubles)) console.error(trouble);
console.log(`read in Chromium at two widths: ${tabs.length} tabs, ${Object.keys(search).length} searches, ${new Set(troubles).size} faults`);
process.exitCode = troubles.length ? 1 : 0;
