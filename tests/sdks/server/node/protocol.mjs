// node protocol.mjs PACKAGE URL ID SECRET FILE: calls of the protocol, or its bodies as they are; prints what became of them.
import { readFileSync } from "node:fs";

const [, , pack, url, clientId, clientSecret, file] = process.argv;
const { EventLens } = await import(pack);
const problems = [];
const client = new EventLens({ url, clientId, clientSecret, onProblem: (problem) => problems.push(problem) });
process.removeAllListeners("warning");
process.on("warning", () => {});

const METHODS = {
  track: ({ name, properties, ...about }) => client.track(name, properties, about),
  screenView: ({ path, ...about }) => client.screenView(path, about),
  identify: ({ profileId, ...person }) => client.identify(profileId, person),
  alias: ({ profileId, alias }) => client.alias(profileId, alias),
  increment: ({ profileId, property, value }) => client.increment(profileId, property, value),
  decrement: ({ profileId, property, value }) => client.decrement(profileId, property, value),
  group: ({ groupId, ...group }) => client.group(groupId, group),
  assignGroup: ({ groupIds, ...about }) => client.assignGroup(groupIds, about),
  revenue: ({ amount, ...about }) => client.revenue(amount, about),
};
const { calls = [], bodies = [] } = JSON.parse(readFileSync(file, "utf8"));
for (const { method, arguments: given } of calls) METHODS[method](given);
for (const body of bodies) client.send(body);
const flushed = await client.flush();
console.log(JSON.stringify({ flushed, problems, stats: client.stats }));
