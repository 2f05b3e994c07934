/** What is pasted where, by way. */

export const WAYS = ["script", "npm", "react", "nextjs", "vue", "node", "python", "curl"] as const;
export type Way = (typeof WAYS)[number];

/** Ways of programs that can keep a secret. */
export const SERVERS: readonly Way[] = ["node", "python", "curl"];

interface Values {
  /** Of this installation, with a slash at its end. */
  url: string;
  id: string;
  secret: string;
}

export interface Snippet {
  /** A command first, where something is to be installed. */
  install?: string;
  text: string;
}

export function snippet(way: Way, { url, id, secret }: Values): Snippet {
  const base = url.replace(/\/$/, "");
  switch (way) {
    case "script":
      return { text: `<script defer src="${url}e.js" data-client-id="${id}"></script>` };
    case "npm":
      return {
        install: "npm install @event-lens/web",
        text: `import { eventlens, init } from "@event-lens/web";

init({ api: "${base}", clientId: "${id}" });

eventlens.track("signed_up", { plan: "team" });`,
      };
    case "react":
      return {
        install: "npm install @event-lens/react",
        text: `import { EventLens } from "@event-lens/react";

<EventLens api="${base}" clientId="${id}" />
<App />`,
      };
    case "nextjs":
      return {
        install: "npm install @event-lens/nextjs",
        text: `// app/layout.tsx
import { EventLens } from "@event-lens/nextjs";

<body>
  <EventLens api="${base}" clientId="${id}" />
  {children}
</body>`,
      };
    case "vue":
      return {
        install: "npm install @event-lens/vue",
        text: `import { createEventLens } from "@event-lens/vue";

app.use(createEventLens({ api: "${base}", clientId: "${id}" }));`,
      };
    case "node":
      return {
        install: "npm install @event-lens/node",
        text: `import { EventLens } from "@event-lens/node";

const lens = new EventLens({
  apiUrl: "${base}",
  clientId: "${id}",
  clientSecret: "${secret}",
});

await lens.track("order_paid", { profileId: "user-1", amount: 4900 });`,
      };
    case "python":
      return {
        install: "pip install event-lens-sdk",
        text: `from event_lens_sdk import EventLens

lens = EventLens(
    api_url="${base}",
    client_id="${id}",
    client_secret="${secret}",
)
lens.track("order_paid", {"amount": 4900}, profile_id="user-1")`,
      };
    case "curl":
      return {
        text: `curl ${url}track \\
  -H 'content-type: application/json' \\
  -H 'event-lens-client-id: ${id}' \\
  -H 'event-lens-client-secret: ${secret}' \\
  -d '{"type":"track","payload":{"name":"screen_view","path":"https://example.com/","deviceId":"me"}}'`,
      };
  }
}
