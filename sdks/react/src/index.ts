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
  const said = JSON.stringify(properties);
  // Before anything is measured, so that the first view has them too.
  useEffect(() => {
    if (properties) eventlens.setGlobalProperties(properties);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the same words in a new object are no news
  }, [said]);
  useEffect(() => {
    init(options);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- what it began with holds: a page is measured one way
  }, []);
  useEffect(() => {
    if (known.current === profileId) return;
    if (known.current !== undefined) eventlens.clear();
    known.current = profileId;
    if (profileId !== undefined) eventlens.identify(profileId, traits);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- traits are sent with who has them
  }, [profileId]);
  return null;
}

/** The page's client. Calls made before `<EventLens>` is mounted wait for it. */
export function useEventLens(): Client {
  return eventlens;
}

/** Send an event once the component is shown, and again whenever `name` or the properties change. */
export function useTrack(name: string, properties?: Properties): void {
  const said = JSON.stringify(properties);
  useEffect(() => {
    eventlens.track(name, properties);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the same words in a new object are no news
  }, [name, said]);
}
