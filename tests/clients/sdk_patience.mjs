// @openpanel/sdk against a server that is away, or that says "later": sends until it is taken, then stops.
import { OpenPanel } from '@openpanel/sdk';
import { clientId, clientSecret, report, server, watchRequests } from './lib/task.mjs';

const sent = watchRequests();
const op = new OpenPanel({ apiUrl: server, clientId, clientSecret });
// Patient enough for a slow start of the server.
Object.assign(op.api, { maxRetries: 8, initialRetryDelay: 200 });
console.error = () => {};
const names = process.env.NAMES.split(' ');
process.stdout.write('sending\n');
const answers = await Promise.all(names.map((name) => op.track(name, { patient: true })));
report({ sent, answers });
