// @openpanel/astro: its components, compiled by Astro's own compiler, and its functions in a page's script.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { transform } from '@astrojs/compiler';
import { answered, openBrowser } from './lib/browser.mjs';
import { bundle, load, packaged } from './lib/bundle.mjs';
import { origin, page as html, serve, settings } from './lib/site.mjs';
import { report, until } from './lib/task.mjs';

const components = {
  name: 'astro',
  setup: (builder) =>
    builder.onLoad({ filter: /\.astro$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const { code } = await transform(source, { filename: basename(path), internalURL: 'astro-runtime' });
      return { contents: code, loader: 'ts' };
    }),
};
const alias = { 'astro-runtime': 'stand-ins/astro.mjs' };
const options = { alias, plugins: [components] };

const SITE = `export * from '@openpanel/astro';`;
const { IdentifyComponent, OpenPanelComponent, SetGlobalPropertiesComponent } = await load(SITE, options);
const head = OpenPanelComponent({
  ...settings,
  scriptUrl: '/op1.js',
  trackScreenViews: true,
  trackOutgoingLinks: true,
  trackHashChanges: true,
  filter: `(body) => body.payload.name !== 'unwanted'`,
});
const known = IdentifyComponent({ class: 'x', profileId: 'user-7', firstName: 'Ada', properties: { plan: 'team' } });
const global = SetGlobalPropertiesComponent({ theme: 'dark', build: 12 });

const APP = `
import { decrement, identify, increment, screenView, setGlobalProperties, track, clear } from '@openpanel/astro';
Object.assign(window, { decrement, identify, increment, screenView, setGlobalProperties, track, clear });
`;
const site = await serve({
  files: {
    '/op1.js': await packaged('@openpanel/web/dist/src/tracker.global.js'),
    '/app.js': await bundle(APP, options),
  },
  html: (path) => html(path, `${head}${known}${global}`, '<script src="/app.js"></script>'),
});

const browser = await openBrowser();
const { page, sent, failures } = browser;
const events = (name, number = 1) => until(() => answered(sent, 'track', name) === number, `${name} ${number}`);
await page.goto(`${origin}/docs`);
await events('screen_view');
await page.evaluate(() => { location.hash = 'install'; });
await events('screen_view', 2);
await page.evaluate(() => screenView('/docs/virtual', { chapter: 3 }));
await events('screen_view', 3);
await page.evaluate(() => track('copied', { lines: 4, language: 'sh' }));
await events('copied');
await page.evaluate(() => {
  track('unwanted');
  increment({ profileId: 'user-7', property: 'copies' });
  decrement({ profileId: 'user-7', property: 'credits', value: 0.5 });
});
await until(() => answered(sent, 'increment') + answered(sent, 'decrement') === 2, 'numbers');
await page.evaluate(() => {
  clear();
  track('signed_out');
});
await events('signed_out');
report({ sent, failures });
await browser.close();
site.close();
