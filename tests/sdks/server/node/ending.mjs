// node ending.mjs PACKAGE URL HOW: makes an event and ends.
const [, , pack, url, how] = process.argv;
const { EventLens } = await import(pack);
const client = new EventLens({ url, clientId: "id", flushAfter: 60_000, exitTimeout: how === "hangs" ? 300 : 5_000 });
client.track("main");
if (how === "closes") {
  await client.close();
  process.exit(0);
}
