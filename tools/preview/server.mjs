// A small server: the built page, the boards, and a way through to Prometheus, on this machine only.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const DIST = fileURLToPath(new URL('dist', import.meta.url));
const FONTS = process.env.INTER_FONTS || '/usr/share/fonts/opentype/inter'; // of the Debian package fonts-inter
const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** Names of the boards in a folder. */
export function boardNames(folder) {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.map((file) => file.slice(0, -'.json'.length)).sort();
}

function listing(folder) {
  const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  const items = boardNames(folder).map((name) => {
    const link = (extra, text) => `<a href="/?board=${encodeURIComponent(name)}${extra}">${text}</a>`;
    return `<li>${link('', escape(name))} (${link('&expand=1', 'all rows')}, ${link('&theme=light', 'light')})</li>`;
  });
  return `<!doctype html><meta charset="utf-8"><title>Boards</title><h1>Boards</h1><ul>${items.join('\n')}</ul>`;
}

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

async function proxy(prometheus, request, response) {
  const post = request.method === 'POST';
  const answer = await fetch(new URL(request.url.replace(/^\//, ''), prometheus.replace(/\/*$/, '/')), {
    method: request.method,
    headers: post ? { 'content-type': request.headers['content-type'] ?? 'text/plain' } : {},
    body: post ? await body(request) : undefined,
  });
  // The page reads errors of queries from the body; a status of 400 would also reach the console, as a second error.
  response.writeHead(answer.status < 500 ? 200 : answer.status, { 'content-type': 'application/json' });
  response.end(Buffer.from(await answer.arrayBuffer()));
}

function file(folder, path, response) {
  const place = normalize(join(folder, path));
  if (!place.startsWith(normalize(folder)) || !existsSync(place) || !statSync(place).isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': TYPES[extname(place)] ?? 'application/octet-stream' });
  response.end(readFileSync(place));
}

/** Inter is what Grafana writes with. Where it is not installed, an empty answer makes the browser take another font. */
function font(name, response) {
  const place = join(FONTS, name.replace(/\.woff2$/, '.otf'));
  if (/^[\w-]+\.woff2$/.test(name) && existsSync(place)) {
    response.writeHead(200, { 'content-type': 'font/otf' }).end(readFileSync(place));
  } else {
    response.writeHead(204).end();
  }
}

/** Starts to serve; port 0 takes any free one. */
export async function startServer(prometheus, boards, port) {
  if (!existsSync(join(DIST, 'index.html'))) {
    throw new Error(`There is no ${DIST}: run "npm ci --ignore-scripts --legacy-peer-deps && npm run build" first`);
  }
  const server = createServer(async (request, response) => {
    try {
      const { pathname, searchParams } = new URL(request.url, 'http://localhost');
      if (pathname.startsWith('/api/v1/')) {
        await proxy(prometheus, request, response);
      } else if (pathname.startsWith('/boards/')) {
        file(boards, decodeURIComponent(pathname.slice('/boards/'.length)), response);
      } else if (pathname.startsWith('/public/fonts/')) {
        font(pathname.split('/').at(-1), response);
      } else if (pathname === '/' && !searchParams.has('board')) {
        response.writeHead(200, { 'content-type': TYPES['.html'] }).end(listing(boards));
      } else {
        file(DIST, pathname === '/' ? 'index.html' : decodeURIComponent(pathname), response);
      }
    } catch (error) {
      response.writeHead(502, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ status: 'error', error: `${error.message}: ${prometheus}` }));
    }
  });
  await new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  return { server, base: `http://127.0.0.1:${server.address().port}` };
}
