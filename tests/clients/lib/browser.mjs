// Chromium as a visitor has it, and what it sends to Event Lens.
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { folder, server } from './task.mjs';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Nothing outside this machine has a name here.
  '--host-resolver-rules=MAP *.localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

/**
 * A browser with a profile of its own. Its user agent is a visitor's; `userAgent: null` leaves it that of a machine.
 *
 * Gives {page, sent, failures, close}: `sent` grows by {method, path, headers, body, status, answer} for each request to
 * `prefix`; `failures` by what a page's console calls an error.
 */
export async function openBrowser({ prefix = server, userAgent = process.env.BROWSER } = {}) {
  const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: process.env.CHROMIUM,
    // Told to the browser and not to its pages: also what is sent after a page is gone has to say so.
    args: userAgent ? [...ARGUMENTS, `--user-agent=${userAgent}`] : ARGUMENTS,
  });
  const sent = [];
  const failures = [];
  const known = new Map();
  context.on('request', (request) => {
    if (!request.url().startsWith(prefix) || !request.url().slice(prefix.length).startsWith('/track')) return;
    const text = request.postData();
    const one = { method: request.method(), path: request.url().slice(prefix.length), headers: request.headers() };
    sent.push(Object.assign(one, { body: text ? JSON.parse(text) : null }));
    known.set(request, one);
  });
  context.on('response', async (response) => {
    const one = known.get(response.request());
    if (!one) return;
    one.status = response.status();
    // A page that was left keeps no answers.
    one.answer = await response.text().catch(() => null);
  });
  const page = context.pages()[0] ?? (await context.newPage());
  page.on('console', (message) => message.type() === 'error' && failures.push(message.text()));
  page.on('pageerror', (error) => failures.push(String(error)));
  return { page, sent, failures, close: () => context.close() };
}

/** How many of the requests of a type and, for events, name were answered. */
export function answered(sent, type, name) {
  return sent.filter(
    ({ body, status }) => status && body?.type === type && (!name || body.payload.name === name),
  ).length;
}
