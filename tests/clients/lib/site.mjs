// A site for the browser: pages made of scripts, on an origin that is not Event Lens's.
import { createServer } from 'node:http';
import { server } from './task.mjs';

/** Where the site is; its port also answers as http://partner.localhost. */
export const origin = process.env.PAGE_ORIGIN;
const port = new URL(origin).port;
export const partner = `http://partner.localhost:${port}`;

/** A page with some HTML in its head; its title is its path. */
export function page(path, head, body = '') {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop ${path}</title>
<link rel="icon" href="data:,">${head}</head><body>${body}</body></html>`;
}

/** JSON that is safe within a script of a page. */
export const inScript = (value) => JSON.stringify(value).replaceAll('<', '\\u003c');

/**
 * Serve the site. `files` has the scripts by path; `html(path)` makes every other page; `handle(request)` may answer a
 * request (web standard objects) first.
 */
export async function serve({ files = {}, html, handle = async () => null }) {
  const site = createServer(async (incoming, outgoing) => {
    const url = new URL(incoming.url, `http://${incoming.headers.host}`);
    const answered = await handle(await standardRequest(incoming, url));
    if (answered) {
      outgoing.writeHead(answered.status, Object.fromEntries(answered.headers));
      outgoing.end(Buffer.from(await answered.arrayBuffer()));
      return;
    }
    const script = files[url.pathname];
    outgoing.setHeader('content-type', script ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8');
    outgoing.end(script ?? (url.hostname.startsWith('partner') ? page(url.pathname, '') : html(url.pathname)));
  });
  await new Promise((resolve) => site.listen(Number(port), '127.0.0.1', resolve));
  return site;
}

async function standardRequest(incoming, url) {
  const parts = [];
  for await (const part of incoming) parts.push(part);
  const body = parts.length ? Buffer.concat(parts) : undefined;
  return new Request(url, { method: incoming.method, headers: incoming.headers, body });
}

/** What a script on a page needs to send straight to Event Lens. */
export const settings = { apiUrl: server, clientId: process.env.CLIENT_ID };
