/** What the page and its player say to each other. */

export type ToPlayer =
  | { kind: "load"; events: unknown[] }
  | { kind: "play"; at: number }
  | { kind: "pause"; at: number }
  | { kind: "set"; speed: number; skip: boolean };

export type FromPlayer =
  | { kind: "ready" }
  | { kind: "loaded"; length: number }
  | { kind: "failed"; why: "short" | "broken" }
  | { kind: "time"; at: number; playing: boolean };
