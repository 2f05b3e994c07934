// @openpanel/nextjs: its components on a page, its route handler between the page and Event Lens.
import { answered, openBrowser } from './lib/browser.mjs';
import { bundle, load, packaged } from './lib/bundle.mjs';
import { origin, page as html, serve } from './lib/site.mjs';
import { clientId, report, server, until, watchRequests } from './lib/task.mjs';

const alias = {
  'next/server.js': 'stand-ins/next-server.mjs',
  'next/script.js': 'stand-ins/react.mjs',
  react: 'stand-ins/react.mjs',
};

const SITE = `
export { createRouteHandler } from '@openpanel/nextjs/server';
export { IdentifyComponent, OpenPanelComponent } from '@openpanel/nextjs';
`;
const { createRouteHandler, IdentifyComponent, OpenPanelComponent } = await load(SITE, { alias });

const route = createRouteHandler({ apiUrl: server });
const proxied = watchRequests(); // what the handler sends on
const head = OpenPanelComponent({
  clientId,
  apiUrl: '/api/op',
  scriptUrl: '/op1.js',
  trackScreenViews: true,
  trackAttributes: true,
  globalProperties: { theme: 'dark' },
});
const identified = IdentifyComponent({ profileId: 'user-7', firstName: 'Ada', properties: { plan: 'team' } });

const APP = `
import { useOpenPanel } from '@openpanel/nextjs';
window.hooks = useOpenPanel();
`;
const site = await serve({
  files: {
    '/op1.js': await packaged('@openpanel/web/dist/src/tracker.global.js'),
    '/app.js': await bundle(APP, { alias }),
  },
  html: (path) => html(path, head, `${path === '/account' ? identified : ''}<script src="/app.js"></script>`),
  handle: (request) => (new URL(request.url).pathname.startsWith('/api/op') ? route(request) : null),
});

const browser = await openBrowser({ prefix: `${origin}/api/op` });
const { page, sent, failures } = browser;
await page.goto(`${origin}/?utm_source=news`);
await until(() => answered(sent, 'track', 'screen_view') === 1, 'screen view');
await page.evaluate(() => hooks.track('plan_chosen', { plan: 'team', seats: 5 }));
await until(() => answered(sent, 'track', 'plan_chosen') === 1, 'plan chosen');
await page.goto(`${origin}/account`);
await until(() => answered(sent, 'identify') === 1 && answered(sent, 'track', 'screen_view') === 2, 'account');
await page.evaluate(() => hooks.increment({ profileId: 'user-7', property: 'visits', value: 2 }));
await until(() => answered(sent, 'increment') === 1, 'increment');
const pageIds = await page.evaluate(() => [hooks.getDeviceId(), window.op.getSessionId()]);
await browser.close();

// Other visitors, as the proxy in front of the site would hand them on.
async function visitor(address, name) {
  const body = JSON.stringify({ type: 'track', payload: { name, properties: { __path: `${origin}/elsewhere` } } });
  const headers = {
    'content-type': 'application/json',
    'openpanel-client-id': clientId,
    'user-agent': process.env.BROWSER,
    'x-forwarded-for': `${address}, 10.0.0.7`,
  };
  const response = await route(new Request(`${origin}/api/op/track`, { method: 'POST', headers, body }));
  return { status: response.status, answer: await response.json() };
}
const visitors = [await visitor('81.2.69.160', 'from_london'), await visitor('2a00:1450::1', 'from_ireland')];
const again = await visitor('81.2.69.160', 'from_london_again');
const refused = await visitor('81.2.69.160', '');
const ids = await route(
  new Request(`${origin}/api/op/track/device-id`, {
    headers: { 'openpanel-client-id': clientId, 'user-agent': process.env.BROWSER, 'x-forwarded-for': '81.2.69.160' },
  }),
);
report({
  sent,
  proxied,
  failures,
  pageIds,
  visitors,
  again,
  refused,
  deviceId: { status: ids.status, answer: await ids.json() },
});
site.close();
