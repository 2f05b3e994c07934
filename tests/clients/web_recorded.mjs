// @openpanel/web records a visit that ends with a purchase: as a script tag with its queue, or bundled.
import { answered, openBrowser } from './lib/browser.mjs';
import { bundle, packaged } from './lib/bundle.mjs';
import { inScript, origin, page as html, serve, settings } from './lib/site.mjs';
import { report, until } from './lib/task.mjs';

const options = {
  ...settings,
  trackScreenViews: true,
  sessionReplay: { enabled: true, flushIntervalMs: 400, maskAllText: false },
};
const BODY = '<h1>Grüße</h1><button id="more">More</button><p id="text"></p><input id="secret" value="hidden words">';
const MORE = `document.querySelector('#more').onclick = () => { document.querySelector('#text').append('clicked '); };`;

const snippet = `${await initSnippet()}
op('init', ${inScript(options)});
op('setGlobalProperties', { theme: 'dark' });
op('track', 'before_the_script');`;

async function initSnippet() {
  const { getInitSnippet } = await import('@openpanel/web');
  return getInitSnippet();
}

const heads = {
  tag: `<script src="/op1.js" async></script><script>${snippet}</script>`,
  bundle: `<script>options = ${inScript(options)}</script>`,
};
const tails = { tag: '', bundle: '<script src="/app.js"></script>' };
const how = process.env.HOW;
const site = await serve({
  files: {
    '/op1.js': await packaged('@openpanel/web/dist/src/tracker.global.js'),
    '/op1-replay.js': await packaged('@openpanel/web/dist/src/replay.global.js'),
    '/app.js': await bundle(`import { OpenPanel } from '@openpanel/web'; window.op = new OpenPanel(window.options);`),
  },
  html: (path) => html(path, heads[how], `${BODY}${tails[how]}<script>${MORE}</script>`),
});
const browser = await openBrowser();
const { page, sent, failures } = browser;
await page.goto(`${origin}/recorded`);
await until(() => answered(sent, 'replay') >= 1, 'first piece of the recording');
const before = answered(sent, 'replay');
await page.click('#more');
await page.click('#more');
await until(() => answered(sent, 'replay') > before, 'a piece with the clicks');

await page.evaluate(() => op.revenue(4200, { currency: 'EUR', order: 'A-1' }));
// Certain only once the payment's page leads back.
await page.evaluate(() => op.pendingRevenue(990, { currency: 'USD' }));
await page.goto(`${origin}/thanks`);
await until(() => answered(sent, 'track', 'screen_view') === 2, 'the page after the payment');
await page.evaluate(() => op.flushRevenue());
await until(() => answered(sent, 'track', 'revenue') === 2, 'both payments');
const kept = await page.evaluate(() => sessionStorage.getItem('openpanel-pending-revenues'));
// Each page counts its pieces from 0 again.
const ofLastPage = ({ body, status }) => status && body?.type === 'replay' && body.payload.payload.includes('/thanks');
await until(() => sent.some(ofLastPage), 'a piece of the last page');
report({ sent, failures, kept });
await browser.close();
site.close();
