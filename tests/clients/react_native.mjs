// @openpanel/react-native: its core on a phone that goes offline, is put away, and comes back.
import { load } from './lib/bundle.mjs';
import { clientId, clientSecret, pause, report, server, until, watchRequests } from './lib/task.mjs';

const phone = 'stand-ins/phone.mjs';
const APP = `
export { OpenPanel } from '@openpanel/react-native';
export { comeToFront } from 'react-native';
`;
const alias = { 'react-native': phone, 'expo-application': phone, 'expo-constants': phone };
const { OpenPanel, comeToFront } = await load(APP, { alias });

const sent = watchRequests();
const QUEUE = '@openpanel/offline_queue';
const kept = new Map();
const storage = {
  getItem: async (name) => kept.get(name) ?? null,
  setItem: async (name, value) => void kept.set(name, value),
};
const network = { connected: true, listeners: [] };
const networkInfo = {
  fetch: async () => ({ isConnected: network.connected }),
  addEventListener: (listener) => network.listeners.push(listener),
};
const connect = (connected) => {
  network.connected = connected;
  network.listeners.forEach((listener) => listener({ isConnected: connected }));
};
const answered = (name) => sent.filter(({ body, status }) => status && body.payload.name === name).length;
const options = { apiUrl: server, clientId, clientSecret, storage, networkInfo };

// Left over from an earlier day: sent late, with the times at which it happened.
const yesterday = Date.parse(process.env.YESTERDAY);
const old = (name, minutes) => ({
  type: 'track',
  payload: {
    name,
    properties: { __path: 'Home', __timestamp: new Date(yesterday + minutes * 60_000).toISOString() },
  },
});
kept.set(QUEUE, JSON.stringify([old('old_one', 0), old('old_two', 5)]));

const op = new OpenPanel(options);
await until(() => answered('old_two') === 1, 'the queue of yesterday');
await op.screenView('Home');
await until(() => answered('screen_view') === 1, 'first screen');
await op.track('tapped', { button: 'buy', price: 2.5, first: true });
await op.identify({ profileId: 'user-7', firstName: 'Ada' });

connect(false);
op.screenView('product/[id]', { id: 7 });
await pause(30); // each has a millisecond of its own
await op.track('added_offline', { count: 2 });
await pause(30);
await op.track('paid_offline', { count: 3 });
const offline = { sent: sent.length, kept: JSON.parse(kept.get(QUEUE)).length };
connect(true);
await until(() => answered('paid_offline') === 1, 'the queue');
comeToFront();
await op.increment({ profileId: 'user-7', property: 'launches' });
await pause(100);
report({ sent, offline, left: JSON.parse(kept.get(QUEUE)), ids: [op.getDeviceId(), op.getSessionId()] });
