import type { Plugin } from "./types.js";

const MOST = 20;

/** `error` with `message`, `type`, `stack` and where it was: each one once a page, at most 20. */
export function errors(): Plugin {
  return (client) => {
    const told = new Set<string>();
    const tell = (error: unknown, message: string, source?: string): void => {
      const which = `${message}${source ?? ""}`;
      if (told.has(which) || told.size == MOST) return;
      told.add(which);
      const { name, stack } = error instanceof Error ? error : { name: undefined, stack: undefined };
      client.track("error", { message: message.slice(0, 500), type: name, stack: stack?.slice(0, 4000), source });
    };
    addEventListener("error", (event) => {
      // A picture that is missing is an event without a message.
      if (event.message) tell(event.error, event.message, event.filename && `${event.filename}:${event.lineno}:${event.colno}`);
    });
    addEventListener("unhandledrejection", ({ reason }: PromiseRejectionEvent) =>
      tell(reason, reason instanceof Error ? reason.message : String(reason)),
    );
  };
}
