// @openpanel/sdk where something goes wrong: what is sent again, and what is not.
import { OpenPanel } from '@openpanel/sdk';
import { clientId, clientSecret, pause, report, server, watchRequests } from './lib/task.mjs';

console.error = () => {}; // the SDK says there that it gave up, which is what the test is about
const sent = watchRequests();
const connect = (secret, more = {}) => {
  const op = new OpenPanel({ apiUrl: server, clientId, clientSecret: secret, ...more });
  op.api.initialRetryDelay = 150; // same steps, in less time; beyond the 100 ms within which a twin is one event
  return op;
};
const from = (userAgent, origin) => {
  const op = connect(undefined);
  op.api.addHeader('user-agent', userAgent);
  op.api.addHeader('origin', origin);
  return op;
};

const op = connect(clientSecret);
// A double click: the same bytes twice at once.
const twins = await Promise.all([
  op.track('double_click', { button: 'buy' }),
  op.track('double_click', { button: 'buy' }),
]);
// A second click: the same bytes, but later.
await op.track('second_click');
await pause(150);
await op.track('second_click');
await op.track('before');
const refused = await op.track('n'.repeat(81));
await op.track('after');
const unsent = await connect('sec_wrong').track('wrong_secret');
const bot = from('Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', process.env.ORIGIN);
const crawled = await bot.track('crawled');
const visitor = from(process.env.BROWSER, process.env.ORIGIN);
const unpaid = await visitor.revenue(1500, { currency: 'EUR' });
const visited = await visitor.track('visited');
const forged = await from(process.env.BROWSER, 'https://evil.example').track('forged');
// A newcomer's first events, all at once: one session.
const newcomer = from(process.env.BROWSER.replace('Linux x86_64', 'Linux aarch64'), process.env.ORIGIN);
const crowd = await Promise.all([1, 2, 3, 4].map((number) => newcomer.track(`at_once_${number}`)));
report({ sent, twins, refused, unsent, crawled, unpaid, visited, forged: forged ?? null, crowd });
