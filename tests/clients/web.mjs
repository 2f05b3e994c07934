// @openpanel/web in a page with routes of its own, bundled with the site.
import { answered, openBrowser } from './lib/browser.mjs';
import { bundle } from './lib/bundle.mjs';
import { inScript, origin, page as html, partner, serve, settings } from './lib/site.mjs';
import { pause, report, until } from './lib/task.mjs';

const APP = `
import { OpenPanel } from '@openpanel/web';
window.op = new OpenPanel({
  ...window.settings,
  trackScreenViews: true,
  trackOutgoingLinks: true,
  trackAttributes: true,
});
window.go = (path, title, replace) => {
  history[replace ? 'replaceState' : 'pushState']({}, '', path);
  document.title = title;
};
`;
const BODY = `
<button id="plan" data-track="plan_chosen" data-plan="team" data-seat-count="5">Choose</button>
<a id="out" href="${partner}/offer?from=shop" title="Offer"><b>Our partner</b></a>
`;

const app = await bundle(APP);
const site = await serve({
  files: { '/app.js': app },
  html: (path) => html(path, '', `${BODY}<script>settings = ${inScript(settings)}</script><script src="/app.js"></script>`),
});
const browser = await openBrowser();
const { page, sent, failures } = browser;
const views = (number) => until(() => answered(sent, 'track', 'screen_view') === number, `screen view ${number}`);

await page.goto(`${origin}/?utm_source=news&utm_medium=email#top`, { referer: 'https://www.google.com/' });
await views(1);
await page.evaluate(() => go('/pricing?plan=team', 'Pricing'));
await views(2);
await page.evaluate(() => go('/pricing?plan=team', 'Pricing'));
await pause(200); // the same address again is no view
await page.evaluate(() => go('/pricing/team#seats', 'Team', true));
await views(3);
await page.goBack();
await views(4);
await page.evaluate(() => op.screenView('checkout/step-1', { cart: 2 }));
await views(5);

await page.click('#plan');
await until(() => answered(sent, 'track', 'plan_chosen') === 1, 'plan chosen');
const answer = await page.evaluate(() =>
  op.track('signed_up', { plan: 'team', seats: 5, trial: true, price: 9.5, tags: ['a', 'b'], from: { page: 'x' }, none: null }),
);
const twins = await page.evaluate(() => Promise.all([op.track('double_click'), op.track('double_click')]));
await page.evaluate(() => op.identify({ profileId: 'user-7', firstName: 'Ada', email: 'ada@example.com' }));
await page.evaluate(() => op.increment({ profileId: 'user-7', property: 'visits' }));
await page.evaluate(() => op.track('after_identify'));
await page.evaluate(() => op.upsertGroup({ id: 'acme', type: 'company', name: 'Acme', properties: { employees: 40 } }));
await page.evaluate(() => op.setGroup('acme'));
await page.evaluate(() => op.track('with_group'));
const revenue = await page.evaluate(() => op.revenue(4200, { currency: 'EUR', order: 'A-1' }));

// Revenue that is certain only once the payment's page leads back.
await page.evaluate(() => op.pendingRevenue(990, { currency: 'USD' }));
await page.goto(`${origin}/thanks`);
await views(6);
await page.evaluate(() => op.flushRevenue());
const kept = await page.evaluate(() => sessionStorage.getItem('openpanel-pending-revenues'));

// The page is left at once: the browser has to send on its own.
await page.click('#out');
await page.waitForURL(`${partner}/offer?from=shop`);
await pause(700); // longer than the first wait before something would be sent again
report({ sent, failures, answer, twins, revenue, kept });
await browser.close();
site.close();
