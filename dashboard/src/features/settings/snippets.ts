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

/** `wait`: pages keep everything back until their visitor has agreed. */
export function snippet(way: Way, { url, id, secret }: Values, wait = false): Snippet {
  const base = url.replace(/\/$/, "");
  const agreed = wait ? ", wait: true" : "";
  switch (way) {
    case "script":
      return {
        text: `<script defer src="${url}e.js"
  data-client-id="${id}"${wait ? " data-wait" : ""}></script>`,
      };
    case "npm":
      return {
        install: "npm install @event-lens/web",
        text: `import { eventlens, init } from "@event-lens/web";

init({ api: "${base}", clientId: "${id}"${agreed} });

eventlens.track("signed_up", { plan: "team" });`,
      };
    case "react":
      return {
        install: "npm install @event-lens/react",
        text: `import { EventLens } from "@event-lens/react";

<EventLens api="${base}" clientId="${id}"${wait ? " wait" : ""} />
<App />`,
      };
    case "nextjs":
      return {
        install: "npm install @event-lens/nextjs",
        text: `// app/layout.tsx
import { EventLens } from "@event-lens/nextjs";

<body>
  <EventLens api="${base}" clientId="${id}"${wait ? " wait" : ""} />
  {children}
</body>`,
      };
    case "vue":
      return {
        install: "npm install @event-lens/vue",
        text: `import { createEventLens } from "@event-lens/vue";

app.use(createEventLens({ api: "${base}", clientId: "${id}"${agreed} }));`,
      };
    case "node":
      return {
        install: "npm install @event-lens/node",
        text: `import { EventLens } from "@event-lens/node";

const lens = new EventLens({
  url: "${base}",
  clientId: "${id}",
  clientSecret: "${secret}",
});

lens.track("order_paid", { amount: 4900 }, { profileId: "user-1" });`,
      };
    case "python":
      return {
        install: "pip install event-lens-sdk",
        text: `from event_lens_sdk import EventLens

lens = EventLens(
    url="${base}",
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
