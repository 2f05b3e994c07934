// node many.mjs PACKAGE URL ID SECRET EVENTS: sends so many, with ids 0, 1, …; says when a third is on its way.
const [, , pack, url, clientId, clientSecret, events] = process.argv;
const { EventLens } = await import(pack);
const problems = [];
const onProblem = (problem) => problems.push(problem);
const client = new EventLens({ url, clientId, clientSecret, batchSize: 500, bufferBytes: 2 << 20, onProblem });
for (let number = 0; number < events; number++) {
  client.track("counted", {}, { id: String(number), deviceId: `d${number % 100}` });
  if (number % 500 === 0) await client.room();
  if (number === Math.floor(events / 3)) {
    const { accepted } = client.stats;
    while (client.stats.accepted === accepted) await new Promise(setImmediate);
    console.log("sending");
  }
}
const flushed = await client.flush(90_000);
console.log(JSON.stringify({ flushed, problems, stats: client.stats }));
