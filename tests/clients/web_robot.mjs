// @openpanel/web in a browser that says itself that nobody is looking.
import { answered, openBrowser } from './lib/browser.mjs';
import { bundle } from './lib/bundle.mjs';
import { inScript, origin, page as html, serve, settings } from './lib/site.mjs';
import { report, until } from './lib/task.mjs';

const APP = `
import { OpenPanel } from '@openpanel/web';
window.op = new OpenPanel({ ...window.settings, trackScreenViews: true });
`;
const head = `<script>settings = ${inScript(settings)}</script>`;
const site = await serve({
  files: { '/app.js': await bundle(APP) },
  html: (path) => html(path, head, '<script src="/app.js"></script>'),
});
const { page, sent, failures, close } = await openBrowser({ userAgent: null });
await page.goto(`${origin}/`);
await until(() => answered(sent, 'track', 'screen_view') === 1, 'screen view');
const answer = await page.evaluate(() => op.track('signed_up'));
report({ sent, failures, answer });
await close();
site.close();
