// A backend that hands /api/v1/analytics on to Event Lens: its pages measure without leaving their own site.
// Event Lens needs this backend's address in TRUSTED_PROXIES, or all visitors seem to come from here.
import express from "express";

const server = process.env.EVENTLENS_URL ?? "http://localhost:3002";
const clientId = process.env.EVENTLENS_CLIENT_ID ?? "EVENTLENS_CLIENT_ID";

const HANDED_ON = ["user-agent", "accept", "accept-language", "content-type", "origin", "referer", "if-none-match"];
const HANDED_BACK = ["content-type", "cache-control", "etag", "retry-after"];

/** Hands a request on. Visitors' hints (sec-ch-ua…) go along, cookies do not: they are nobody else's business. */
async function handOn(request, response) {
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => HANDED_ON.includes(name) || name.startsWith("sec-ch-ua")),
  );
  headers["x-forwarded-for"] = [request.headers["x-forwarded-for"], request.socket.remoteAddress].filter(Boolean).join(", ");
  const body = request.method === "POST" ? request.body : undefined;
  try {
    const answer = await fetch(server + request.originalUrl, { method: request.method, headers, body });
    response.status(answer.status);
    for (const name of HANDED_BACK) if (answer.headers.has(name)) response.set(name, answer.headers.get(name));
    response.end(Buffer.from(await answer.arrayBuffer()));
  } catch {
    response.status(503).set("retry-after", "5").end(); // pages keep their events and try again
  }
}

const app = express();
app.all("/api/v1/analytics/{*path}", express.raw({ type: () => true, limit: "4mb" }), handOn);
app.get("/{*path}", (request, response) => {
  response.type("html").send(`<!doctype html><title>Shop</title><link rel="icon" href="data:,">
<script defer src="/api/v1/analytics/e.js" data-client-id="${clientId}"></script><h1>Shop</h1>`);
});
app.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => console.log("ready"));
