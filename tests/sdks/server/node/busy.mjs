// node busy.mjs PACKAGE URL: many events for a server that does not answer; prints the longest turn of the loop, in ms.
const [, , pack, url] = process.argv;
const { EventLens } = await import(pack);
const told = {};
const onProblem = ({ code, events }) => (told[code] = (told[code] ?? 0) + events);
const client = new EventLens({ url, clientId: "id", bufferBytes: 300_000, onProblem, exitTimeout: 0 });
process.on("warning", () => {});
let worst = 0;
let before = performance.now();
for (let turn = 0; turn < 40; turn++) {
  for (let n = 0; n < 50; n++) client.track("a", { text: "x".repeat(100) });
  await new Promise((resolve) => setTimeout(resolve, 5));
  worst = Math.max(worst, performance.now() - before);
  before = performance.now();
}
const flushed = await client.flush(200);
const { stats } = client;
await client.close(0);
console.log(JSON.stringify({ worst, flushed, stats, told }));
