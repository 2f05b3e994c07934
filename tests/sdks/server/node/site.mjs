// node site.mjs PACKAGE FRAMEWORK URL ID SECRET: a small site; prints its port, ends with its input.
import { createRequire } from "node:module";

const [, , pack, framework, url, clientId, clientSecret] = process.argv;
const installed = createRequire(new URL("../../../../sdks/node/package.json", import.meta.url));
const { EventLens } = await import(`${pack}/index.js`);
const { eventLens } = await import(`${pack}/${framework}.js`);
const client = new EventLens({ url, clientId, clientSecret, onProblem: (problem) => console.error(problem) });
const options = { views: true, profileId: (request) => request.user, skip: (request) => request.url === "/health" };
const page = "<!doctype html><title>Pricing</title>";

async function buy() {
  await new Promise((resolve) => setTimeout(resolve, 5)); // the visitor stays known
  client.track("bought", { plan: "team" });
}

const SITES = {
  express: async () => {
    const app = installed("express")();
    app.set("trust proxy", true);
    app.use(eventLens(client, options));
    app.get("/pricing", (_, response) => response.send(page));
    app.get("/lost", (_, response) => response.status(404).send(page));
    app.get("/health", (_, response) => response.send(page));
    app.post("/buy", async (request, response) => {
      request.user = "user-7";
      await buy();
      response.json({ ok: true });
    });
    return new Promise((resolve) => {
      const server = app.listen(0, "127.0.0.1", () => resolve([server.address().port, () => server.close()]));
    });
  },
  fastify: async () => {
    const app = installed("fastify")({ trustProxy: true, forceCloseConnections: true });
    await app.register(eventLens, { client, ...options });
    app.get("/pricing", (_, reply) => reply.type("text/html").send(page));
    app.get("/lost", (_, reply) => reply.status(404).type("text/html").send(page));
    app.get("/health", (_, reply) => reply.type("text/html").send(page));
    app.post("/buy", async (request) => {
      request.user = "user-7";
      await buy();
      return { ok: true };
    });
    await app.listen({ port: 0, host: "127.0.0.1" });
    return [app.server.address().port, () => app.close()];
  },
};
const [port, close] = await SITES[framework]();
console.log(port);
process.stdin.resume().on("end", async () => {
  await client.close();
  close();
  process.exit(0);
});
