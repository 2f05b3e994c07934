import { record } from "@rrweb/record";
import type { Entry, Plugin } from "./types.js";

/** rrweb's number for the whole page as it is. */
const FULL_SNAPSHOT = 2;

/** What is recorded of a visit. Everything that people read or enter is masked unless it is let through here. */
export interface ReplayOptions {
  /** Show what is entered into forms; passwords never. */
  showInputs?: boolean;
  /** Show the page's texts. */
  showTexts?: boolean;
  /** CSS selector of what is left out altogether, beside `[data-private]`. */
  block?: string;
  /** Milliseconds between two pieces. */
  every?: number;
}

/** Characters of one piece, and how many pieces wait at most. */
const LARGEST = 500_000;
const WAITING = 20;

/** Record the session, in pieces of some seconds. */
export function replay(options: ReplayOptions = {}): Plugin {
  return (client) => {
    let events: { text: string; time: number; full: boolean }[] = [];
    let size = 0;
    let number = 0;
    let sending = false;
    let waiting: Entry[] = [];

    function cut(): void {
      const [first] = events;
      const last = events.at(-1);
      if (!first || !last) return;
      waiting.push({
        type: "replay",
        payload: {
          chunk_index: number++,
          events_count: events.length,
          is_full_snapshot: events.some((each) => each.full),
          started_at: new Date(first.time).toISOString(),
          ended_at: new Date(last.time).toISOString(),
          payload: `[${events.map((each) => each.text).join()}]`,
        },
      });
      waiting = waiting.slice(-WAITING);
      events = [];
      size = 0;
      void drain();
    }

    async function drain(): Promise<void> {
      if (sending) return;
      sending = true;
      while (waiting[0] && (await client.post([waiting[0]]))) waiting.shift();
      sending = false;
    }

    record({
      emit(event) {
        const text = JSON.stringify(event);
        // A full snapshot opens a piece, and so does what would make one too large.
        if (size + text.length > LARGEST) cut();
        events.push({ text, time: event.timestamp, full: (event.type as number) === FULL_SNAPSHOT });
        size += text.length;
      },
      maskAllInputs: !options.showInputs,
      maskInputOptions: { password: true },
      maskTextSelector: options.showTexts ? "[data-mask]" : "*",
      blockSelector: `[data-private]${options.block ? `,${options.block}` : ""}`,
      inlineStylesheet: true,
      sampling: { mousemove: 100, scroll: 150, input: "last" },
    });
    setInterval(cut, options.every ?? 5000);
    addEventListener("pagehide", cut, true);
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && cut());
    addEventListener("online", () => void drain());
  };
}
