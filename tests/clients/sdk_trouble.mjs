// @openpanel/sdk where something goes wrong: what is sent again, and what is not.
import { OpenPanel } from '@openpanel/sdk';
import { clientId, clientSecret, report, server, watchRequests } from './lib/task.mjs';

console.error = () => {}; // the SDK says there that it gave up, which is what the test is about
const sent = watchRequests();
const connect = (secret, more = {}) => {
  const op = new OpenPanel({ apiUrl: server, clientId, clientSecret: secret, ...more });
  op.api.initialRetryDelay = 150; // same steps, in less time; beyond the 100 ms within which a twin is one event
  return op;
};

const op = connect(clientSecret);
// A double click: the same bytes twice at once.
const twins = await Promise.all([
  op.track('double_click', { button: 'buy' }),
  op.track('double_click', { button: 'buy' }),
]);
await op.track('before');
const refused = await op.track('n'.repeat(81));
await op.track('after');
const unsent = await connect('sec_wrong').track('wrong_secret');
const bot = connect(undefined);
bot.api.addHeader('user-agent', 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)');
bot.api.addHeader('origin', process.env.ORIGIN);
const crawled = await bot.track('crawled');
const visitor = connect(undefined);
visitor.api.addHeader('user-agent', process.env.BROWSER);
visitor.api.addHeader('origin', process.env.ORIGIN);
const unpaid = await visitor.revenue(1500, { currency: 'EUR' });
const visited = await visitor.track('visited');
const forger = connect(undefined);
forger.api.addHeader('user-agent', process.env.BROWSER);
forger.api.addHeader('origin', 'https://evil.example');
const forged = await forger.track('forged');
report({ sent, twins, refused, unsent, crawled, unpaid, visited, forged: forged ?? null });
