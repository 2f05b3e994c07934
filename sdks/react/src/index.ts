import { eventlens, init, type Client, type InitOptions, type Properties, type Traits } from "@event-lens/web";
import { useEffect, useRef } from "react";

export { eventlens, init } from "@event-lens/web";
export type * from "@event-lens/web";

export interface EventLensProps extends InitOptions {
  /** Who is signed in; when it goes away, they are forgotten. */
  profileId?: string | undefined;
  /** What is known of them; sent when `profileId` changes. */
  traits?: Traits | undefined;
  /** Properties of every event. */
  properties?: Properties | undefined;
}

/** Measures the page from the moment it is mounted. Once, near the root; it draws nothing. */
export function EventLens({ profileId, traits, properties, ...options }: EventLensProps): null {
  const known = useRef<string>(undefined);
  // Before anything is measured, so that the first view has them too.
  useEffect(() => {
    if (properties) eventlens.setGlobalProperties(properties);
  }, [JSON.stringify(properties)]);
  useEffect(() => {
    init(options);
    // What it began with holds: a page is measured one way.
  }, []);
  useEffect(() => {
    if (known.current === profileId) return;
    if (known.current !== undefined) eventlens.clear();
    known.current = profileId;
    if (profileId !== undefined) eventlens.identify(profileId, traits);
  }, [profileId]);
  return null;
}

/** The page's client. Calls made before `<EventLens>` is mounted wait for it. */
export function useEventLens(): Client {
  return eventlens;
}

/** Send an event once the component is shown, and again whenever `name` or the properties change. */
export function useTrack(name: string, properties?: Properties): void {
  useEffect(() => {
    eventlens.track(name, properties);
  }, [name, JSON.stringify(properties)]);
}
