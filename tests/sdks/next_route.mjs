// The handlers of @event-lens/nextjs/route behind a plain server, as Next calls them; and its client for servers.
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const dist = process.env.DIST;
const { createRoute } = await import(pathToFileURL(`${dist}/route.js`));
const lens = await import(pathToFileURL(`${dist}/server.js`));
const { GET, POST } = createRoute({ api: process.env.EVENTLENS_URL });
const client = lens.createServer({
  api: process.env.EVENTLENS_URL,
  clientId: process.env.CLIENT_ID,
  clientSecret: process.env.CLIENT_SECRET,
});

const server = createServer(async (incoming, outgoing) => {
  const parts = [];
  for await (const part of incoming) parts.push(part);
  const { method, headers } = incoming;
  const body = method === "POST" ? Buffer.concat(parts) : undefined;
  const request = new Request(`http://${headers.host}${incoming.url}`, { method, headers, body });
  if (incoming.url === "/stats/order") {
    await client.identify("user-next", { firstName: "Ada" });
    await client.revenue(4200, { currency: "EUR" }, { profileId: "user-next", headers: request.headers });
  }
  const answer = await (method === "POST" ? POST : GET)(request);
  outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
  outgoing.end(Buffer.from(await answer.arrayBuffer()));
});
server.listen(Number(process.env.PORT), "127.0.0.1");
