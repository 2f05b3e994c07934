/** What an event, a profile or a group is described by: JSON values, types kept. */
export type Properties = Record<string, unknown>;

/** How a page is measured. In a script tag each option is an attribute: `clientId` is `data-client-id`. */
export interface Options {
  /** Id of a write client of the project. */
  clientId: string;
  /** Address of the server, or of the path of your own site that leads there. The script tag knows where it came from. */
  api?: string | undefined;
  /** Path below `api` that events are sent to. */
  collect?: string | undefined;
  /** Send no screen views by itself; call `screenView` instead. */
  manual?: Flag;
  /** A change of the part after `#` is a screen view. */
  hash?: Flag;
  /** Keep a device id, and what could not be sent, in the browser's local storage. Ask for consent first. */
  storage?: Flag;
  /** Send nothing for people whose browser says Do Not Track or Global Privacy Control. */
  dnt?: Flag;
  /** Keep everything back until `ready()` is called, such as after consent. */
  wait?: Flag;
  /** Leave out: `"links"`, `"files"`, `"attributes"`, `"not-found"`, separated by spaces. */
  without?: string | undefined;
}

/** A switch: attributes are texts, and an empty one is on. */
export type Flag = boolean | string | undefined;

/** What is known of a person. */
export interface Traits extends Properties {
  firstName?: string | undefined;
  lastName?: string | undefined;
  email?: string | undefined;
  avatar?: string | undefined;
  properties?: Properties | undefined;
}

/** What is known of a group: a company, a team. */
export interface About {
  type: string;
  name: string;
  properties?: Properties | undefined;
}

/** An entry of the protocol. */
export interface Entry {
  type: string;
  payload: Properties;
}

/** What adds to a client: `client.use(vitals())`. */
export type Plugin = (client: Client) => void;

export interface Client {
  /** Send a custom event. */
  track(name: string, properties?: Properties): void;
  /** Send a screen view; by default of the page as it is. */
  screenView(path?: string, properties?: Properties): void;
  /** Say who this is. Everything after it is theirs, and so is what this visitor did before. */
  identify(profileId: string, traits?: Traits): void;
  identify(person: Traits & { profileId: string }): void;
  /** Properties of every event from now on, on this page. */
  setGlobalProperties(properties: Properties): void;
  /** Add to a number of the profile. */
  increment(property: string, value?: number): void;
  increment(change: { profileId?: string; property: string; value?: number }): void;
  decrement(property: string, value?: number): void;
  decrement(change: { profileId?: string; property: string; value?: number }): void;
  /** Another id of the identified profile. */
  alias(alias: string): void;
  /** This visitor belongs to a group; with `about` the group is described as well. */
  group(id: string, about?: About): void;
  /** Money in minor units (cents); `currency` among the properties. Needs the project's leave: pages can be forged. */
  revenue(amount: number, properties?: Properties): void;
  /** Send what waits, now. Fulfilled when it was answered, or kept for another try. */
  flush(): Promise<void>;
  /** Send nothing any more, here and on later visits; `optOut(false)` takes it back. */
  optOut(off?: boolean): void;
  /** Send what `wait` kept back, and everything from now on. */
  ready(): void;
  /** Forget who this is, such as when they sign out. */
  clear(): void;
  /** Add a plugin. */
  use(plugin: Plugin): void;
  /** Send an entry of the protocol as it is. */
  send(type: string, payload: Properties): void;
  /** POST entries at once; false where it should be tried again. */
  post(entries: Entry[]): Promise<boolean>;
}
