// @openpanel/sdk: groups, and who belongs to them.
import { OpenPanel } from '@openpanel/sdk';
import { clientId, clientSecret, report, server, watchRequests } from './lib/task.mjs';

const sent = watchRequests();
const op = new OpenPanel({ apiUrl: server, clientId, clientSecret });
await op.upsertGroup({ id: 'acme', type: 'company', name: 'Acme', properties: { employees: 40, vip: true } });
await op.identify({ profileId: 'user-7', firstName: 'Ada' });
await op.setGroup('acme');
await op.track('with_group');
await op.setGroups(['acme', 'berlin']);
await op.track('with_groups', { groups: ['once'] });

// Another program knows the profile and nothing of its groups.
const elsewhere = new OpenPanel({ apiUrl: server, clientId, clientSecret });
await elsewhere.track('elsewhere', { profileId: 'user-7' });
await elsewhere.track('of_another', { profileId: 'user-8' });
report({ sent });
