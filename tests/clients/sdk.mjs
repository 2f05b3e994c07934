// @openpanel/sdk as a server uses it: with the secret, every call that it has.
import { OpenPanel } from '@openpanel/sdk';
import { clientId, clientSecret, report, server, watchRequests } from './lib/task.mjs';

const sent = watchRequests();
const connect = (more = {}) => new OpenPanel({ apiUrl: server, clientId, clientSecret, ...more });

const op = connect();
op.setGlobalProperties({ environment: 'production', release: 7 });
const answer = await op.track('order_placed', {
  total: 19.5,
  items: 3,
  gift: false,
  note: 'über "Straße" 🚲',
  tags: ['a', 'b', 1],
  address: { city: 'Zürich', geo: { lat: 47.37, lon: 8.54 } },
  coupon: null,
});
const ids = { deviceId: op.getDeviceId(), sessionId: op.getSessionId(), fetched: await op.fetchDeviceId() };

await op.identify({
  profileId: 'user-7',
  firstName: 'Ada',
  lastName: 'Byron',
  email: 'ada@example.com',
  avatar: 'https://example.com/ada.png',
  properties: { plan: 'team', seats: 5 },
});
await op.track('report_opened', { report: 'weekly' });
await op.track('for_another', { profileId: 'user-8' });
await op.increment({ profileId: 'user-7', property: 'logins', value: 2 });
await op.increment({ profileId: 'user-7', property: 'logins' });
await op.decrement({ profileId: 'user-7', property: 'credits', value: 1.5 });
await op.decrement({ profileId: 'user-7', property: 'credits' });
op.alias({ profileId: 'user-7', alias: 'newsletter-93' });
await op.revenue(1500, { currency: 'EUR', deviceId: 'till-1', plan: 'team' });
await op.revenue(99, { currency: 'USD' });

op.clear();
await op.track('after_clear');

// Held back until somebody is known; each event then carries the time at which it happened.
const waiting = connect({ waitForProfile: true });
await waiting.track('held_back', { position: 1 });
await waiting.track('held_back', { position: 2 });
const heldBack = sent.length;
waiting.identify({ profileId: 'user-9' });
await waiting.track('let_go');

// Switched off and on again, and a filter of the sender's own.
const sleeping = connect({ disabled: true, filter: (body) => body.payload.name !== 'unwanted' });
await sleeping.track('while_asleep');
await sleeping.track('unwanted');
sleeping.ready();
await sleeping.track('unwanted');
await sleeping.track('awake');

// The same doors stand behind the gateway's prefix.
await connect({ apiUrl: `${server}/api/v1/analytics` }).track('through_the_gateway');

report({ sent, answer, ids, heldBack });
