// @openpanel/nuxt: its module and its plugin, with the old web SDK (1.0.7) that it brings along.
import { answered, openBrowser } from './lib/browser.mjs';
import { bundle, load } from './lib/bundle.mjs';
import { inScript, origin, page as html, partner, serve, settings } from './lib/site.mjs';
import { report, until } from './lib/task.mjs';

const alias = { '@nuxt/kit': 'stand-ins/nuxt.mjs', '#app': 'stand-ins/nuxt.mjs' };

const { default: module } = await load(`export { default } from '@openpanel/nuxt';`, { alias });
const nuxt = { options: { runtimeConfig: { public: {} } } };
module.setup({ ...module.defaults, ...settings }, nuxt);

const APP = `
import plugin from './node_modules/@openpanel/nuxt/dist/runtime/plugin.client.js';
import { useOpenPanel } from './node_modules/@openpanel/nuxt/dist/runtime/composables/useOpenPanel.js';
window.nuxtApp = { $openpanel: plugin.setup().provide.openpanel };
window.op = useOpenPanel();
`;
const config = `<script>nuxtConfig = ${inScript(nuxt.options.runtimeConfig.public)}</script>`;
const BODY = `<a id="out" href="${partner}/offer" target="_blank" data-track="offer_opened" data-offer-kind="summer">Offer</a>`;
const app = await bundle(APP, { alias });
const site = await serve({
  files: { '/app.js': app },
  html: (path) => html(path, '', `${BODY}${config}<script src="/app.js"></script>`),
});

const browser = await openBrowser();
const { page, sent, failures } = browser;
await page.goto(`${origin}/`);
await until(() => answered(sent, 'track', 'screen_view') === 1, 'first view');
const deviceId = await page.evaluate(() => op.fetchDeviceId());
await page.evaluate(() => history.pushState({}, '', '/second?tab=1'));
await until(() => answered(sent, 'track', 'screen_view') === 2, 'second view');
await page.click('#out');
await until(() => answered(sent, 'track', 'link_out') === 1, 'link out');
await until(() => answered(sent, 'track', 'offer_opened') === 1, 'attributes');
const answer = await page.evaluate(() => op.track('signed_up', { plan: 'team', seats: 5, profileId: 'user-8' }));
await page.evaluate(() => op.identify({ profileId: 'user-7', lastName: 'Byron', properties: { plan: 'team' } }));
await page.evaluate(() => op.decrement({ profileId: 'user-7', property: 'credits', value: 3 }));
await page.evaluate(() => op.track('after_identify'));
report({ sent, failures, deviceId, answer, version: app.includes('"1.0.7"') });
await browser.close();
site.close();
