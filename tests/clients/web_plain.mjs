// No SDK at all: a picture that needs no script, and a beacon when the page is left.
import { openBrowser } from './lib/browser.mjs';
import { origin, page as html, partner, serve, settings } from './lib/site.mjs';
import { report, server } from './lib/task.mjs';

const question = new URLSearchParams({
  clientId: settings.clientId,
  path: `${origin}/plain?utm_source=print`,
  title: 'Über uns',
  'properties.edition': '7',
});
const beacon = { clientId: settings.clientId, type: 'track', payload: { name: 'left', properties: { seconds: 3, read: true } } };
const PICTURE = `<img id="pixel" src="${server}/pixel.gif?${question}">`;
const SCRIPT = `
addEventListener('pagehide', () => {
  if (sessionStorage.length) return; // back again, to be asked what became of it
  const text = ${JSON.stringify(JSON.stringify(beacon))};
  sessionStorage.setItem('queued', navigator.sendBeacon('${server}/track', text));
});
`;
const site = await serve({
  html: (path) => html(path, '', `${path === '/plain' ? PICTURE : ''}<script>${SCRIPT}</script>`),
});
const { page, close } = await openBrowser();
await page.goto(`${origin}/plain`);
const size = await page.evaluate(async () => {
  const pixel = document.querySelector('#pixel');
  await pixel.decode();
  return [pixel.naturalWidth, pixel.naturalHeight];
});
await page.goto(`${partner}/`);
await page.goto(`${origin}/asked`);
const queued = await page.evaluate(() => sessionStorage.getItem('queued'));
report({ size, queued });
await close();
site.close();
