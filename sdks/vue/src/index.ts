import { eventlens, init, type Client, type InitOptions, type Properties, type Traits } from "@event-lens/web";
import { watch, type Directive, type MaybeRefOrGetter, type Plugin, toValue } from "vue";

export { eventlens, init } from "@event-lens/web";
// `Plugin` is Vue's word too.
export type { About, Client, Entry, Flag, InitOptions, Options, Properties, Traits } from "@event-lens/web";

declare module "vue" {
  interface ComponentCustomProperties {
    $eventlens: Client;
  }
  interface GlobalDirectives {
    vTrack: typeof vTrack;
  }
}

/** What `v-track` sends on a click: a name, or a name with properties. */
export type Tracked = string | ({ name: string } & Properties);

const sent = new WeakMap<HTMLElement, Tracked>();

/** `<button v-track="'bought'">`, `<button v-track="{ name: 'bought', item: 7 }">`. */
export const vTrack: Directive<HTMLElement, Tracked> = {
  mounted(element, { value }) {
    sent.set(element, value);
    element.addEventListener("click", () => {
      const now = sent.get(element);
      if (typeof now === "string") eventlens.track(now);
      else if (now) {
        const { name, ...properties } = now;
        eventlens.track(name, properties);
      }
    });
  },
  updated(element, { value }) {
    sent.set(element, value);
  },
};

/** `app.use(createEventLens({ api, clientId }))`: measures the page; `$eventlens` and `v-track` in templates. */
export function createEventLens(options: InitOptions): Plugin {
  return {
    install(app) {
      init(options);
      app.config.globalProperties["$eventlens"] = eventlens;
      app.directive("track", vTrack);
    },
  };
}

/** The page's client. */
export function useEventLens(): Client {
  return eventlens;
}

/** Say who is signed in, and forget them when `profileId` becomes empty. */
export function useIdentity(profileId: MaybeRefOrGetter<string | null | undefined>, traits?: MaybeRefOrGetter<Traits | undefined>): void {
  watch(
    () => toValue(profileId),
    (now, before) => {
      if (before) eventlens.clear();
      if (now) eventlens.identify(now, toValue(traits));
    },
    { immediate: true },
  );
}
