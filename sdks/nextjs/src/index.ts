// Pages of either router: Next's own navigation goes through the history, which the SDK follows.
export { EventLens, eventlens, init, useEventLens, useTrack } from "@event-lens/react";
export type * from "@event-lens/react";
