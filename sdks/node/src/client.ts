/** The client: calls become events at once and are sent in the background. None throws or waits for the network. */
import { randomUUID } from "node:crypto";
import { Buffer } from "./buffer.js";
import { Sender } from "./sender.js";
import { headerText, Transport } from "./transport.js";
import type { About, Body, Identifier, Options, Person, Problem, Properties, Stats, Time } from "./types.js";
import { asked, currentVisitor, visiting, type Visitor } from "./visitors.js";

const DEFAULTS = {
  url: "http://localhost:3002",
  clientId: "",
  clientSecret: "",
  batchSize: 100,
  flushAfter: 500,
  bufferBytes: 32 << 20,
  timeout: 10_000,
  exitTimeout: 5_000,
  compress: true,
  enabled: true,
};

type Payload = Record<string, unknown>;

/** Characters; a server takes 4 MiB in one request unless it is told otherwise. */
const LARGEST_EVENT = 3 << 20;
/** Milliseconds between two lines of the log about problems of one kind. */
const QUIET = 10_000;

/** Sends to one project of one server. Make one for the process. Throws a TypeError for a URL that is none. */
export class EventLens {
  private readonly buffer: Buffer;
  private readonly sender: Sender;
  private readonly enabled: boolean;
  private readonly logged = new Map<string, number>();
  private global: Properties;

  constructor(private readonly options: Options = {}) {
    const all = { ...DEFAULTS, ...fromEnvironment(), ...stated(options) };
    this.enabled = all.enabled && all.clientId !== "";
    this.global = { ...options.properties };
    const transport = new Transport(all.url, all.clientId, all.clientSecret, all.timeout, all.compress);
    this.buffer = new Buffer(all.bufferBytes, all.batchSize);
    this.sender = new Sender(this.buffer, transport, all.flushAfter, all.exitTimeout, (problem) => this.tell(problem));
    if (all.clientId === "" && all.enabled) {
      this.tell({ code: "no_client_id", message: "no client id: nothing will be sent", field: "", events: 0 });
    }
  }

  /** Something happened. `name`: 1 to 80 characters; `properties`: any JSON, up to 32 KiB. */
  track(name: string, properties: Properties = {}, about: About = {}): void {
    const visitor = currentVisitor() ?? {};
    const said: Payload = { ...this.global, ...visitor.properties, ...properties };
    const ip = about.ip ?? visitor.ip;
    if (ip) said["__ip"] = ip;
    if (visitor.language) said["__language"] ??= visitor.language;
    const payload: Payload = {
      name,
      ...whose(about, visitor),
      sessionId: about.sessionId ?? visitor.sessionId,
      path: about.path ?? visitor.path,
      referrer: about.referrer ?? visitor.referrer,
      groups: about.groups,
      properties: Object.keys(said).length > 0 ? said : undefined,
    };
    this.put("track", payload, about.userAgent ?? visitor.userAgent);
  }

  /** A page or screen was seen. `path` is a URL, a path or a route's name. */
  screenView(
    path: string,
    about: Omit<About, "path"> & { readonly title?: string | undefined; readonly properties?: Properties | undefined } = {},
  ): void {
    const { title, properties, ...rest } = about;
    this.track("screen_view", title ? { ...properties, __title: title } : properties, { ...rest, path });
  }

  /**
   * Money came in. `amount`: whole minor units (1500 is 15.00); `currency`: ISO 4217. Needs the secret. State an `id`,
   * such as the order's number: then it counts once, however often it is told.
   */
  revenue(
    amount: number,
    about: About & { readonly currency?: string | undefined; readonly properties?: Properties | undefined } = {},
  ): void {
    const { currency, properties, ...rest } = about;
    this.track("revenue", { ...properties, __revenue: amount, ...(currency ? { currency } : {}) }, rest);
  }

  /** Who somebody is. With a device id (stated or the visitor's) the device's events of before are theirs too. */
  identify(profileId: Identifier, person: Person = {}): void {
    const { deviceId, timestamp, id, ...known } = person;
    const visitor = currentVisitor() ?? {};
    this.put("identify", { ...known, ...whose({ profileId, deviceId, timestamp, id }, visitor) }, visitor.userAgent);
  }

  /** The profile has another name: both are one person from now on, and for what was. */
  alias(profileId: Identifier, alias: Identifier): void {
    this.put("alias", { profileId, alias, timestamp: Date.now() });
  }

  /** A number of a profile grows. `property`: its name, dots lead into objects; `value`: above 0. */
  increment(profileId: Identifier, property: string, value = 1, about: Pick<About, "id" | "timestamp"> = {}): void {
    this.put("increment", { profileId, property, value, id: about.id, timestamp: moment(about.timestamp) });
  }

  /** A number of a profile shrinks. `value`: above 0. */
  decrement(profileId: Identifier, property: string, value = 1, about: Pick<About, "id" | "timestamp"> = {}): void {
    this.put("decrement", { profileId, property, value, id: about.id, timestamp: moment(about.timestamp) });
  }

  /** What is known of a group, such as a company. Properties are set one by one. */
  group(groupId: Identifier, group: { readonly type: string; readonly name: string; readonly properties?: Properties | undefined }): void {
    const { type, name, properties } = group;
    this.put("group", { id: groupId, type, name, properties, timestamp: Date.now() });
  }

  /** Who belongs to groups from now on: a profile, or a device where no profile is named. */
  assignGroup(groupIds: string | readonly string[], about: Pick<About, "profileId" | "deviceId"> = {}): void {
    const visitor = currentVisitor() ?? {};
    const ids = typeof groupIds === "string" ? [groupIds] : groupIds;
    this.put("assign_group", { groupIds: ids, ...whose(about, visitor) }, visitor.userAgent);
  }

  /** Any event of the protocol as it is; id and time are added where it has none. */
  send(body: Body, about: Pick<About, "userAgent"> = {}): void {
    const added: Payload = {};
    if (body.type !== "group") added["id"] = randomUUID();
    if (body.type !== "replay") added["timestamp"] = Date.now();
    const payload: unknown = body.payload;
    const whole = typeof payload === "object" && payload !== null ? { ...body, payload: { ...added, ...payload } } : body;
    this.putBody(whole, about.userAgent);
  }

  /** Run it, and everything that it starts, with this visitor: its events are theirs. */
  visit<T>(visitor: Visitor, work: () => T): T {
    return visiting({ ...currentVisitor(), ...visitor }, work);
  }

  /** Properties that every later event has, beside its own, which come first. */
  setGlobalProperties(properties: Properties): void {
    this.global = { ...this.global, ...properties };
  }

  /**
   * Resolves with true when all events of before are on the server's disk, or refused and told to `onProblem`; with
   * false where that took longer than `timeout` milliseconds: then they are still being sent.
   */
  async flush(timeout = 30_000): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), timeout);
      this.buffer.whenSettled((ok) => {
        clearTimeout(timer);
        resolve(ok);
      });
      this.sender.start();
    });
  }

  /** Resolves when an event finds room again: for whoever sends more at once than the buffer holds. */
  async room(): Promise<void> {
    while (this.buffer.bytes > this.buffer.limit / 2 && !this.sender.closed) {
      this.sender.start();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Send what waits, for at most `timeout` milliseconds (`exitTimeout`), then end. Later events are lost. */
  async close(timeout?: number): Promise<void> {
    await this.sender.finish(timeout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** What became of the events so far. */
  get stats(): Stats {
    const { accepted, refused, dropped, retries } = this.sender;
    return { accepted, refused, dropped, retries, waiting: this.buffer.waiting, waitingBytes: this.buffer.bytes };
  }

  private put(type: string, payload: Payload, userAgent?: string): void {
    if (type !== "group") payload["id"] ??= randomUUID();
    this.putBody({ type, payload }, userAgent);
  }

  private putBody(body: Body, userAgent = ""): void {
    if (!this.enabled) return;
    const text = encoded(body);
    if (text instanceof Error) this.drop("unreadable", text.message, "payload");
    else if (text.length > LARGEST_EVENT) this.drop("too_large", `${text.length} characters`, "payload");
    else if (this.sender.closed) this.drop("closed", "the client is closed");
    else if (this.buffer.put(text, headerText(userAgent))) this.sender.notice();
    else this.drop("full", "no room for more events: the server does not keep up, or is away");
  }

  private drop(code: string, message: string, field = ""): void {
    this.sender.dropped += 1;
    this.tell({ code, message, field, events: 1 });
  }

  /** Tell the application, and the log of the first of each kind in ten seconds. */
  private tell(problem: Problem): void {
    try {
      this.options.onProblem?.(problem);
    } catch (error) {
      process.emitWarning(`onProblem failed: ${String(error)}`, "EventLens");
    }
    const now = Date.now();
    if (now - (this.logged.get(problem.code) ?? -QUIET) < QUIET) return;
    this.logged.set(problem.code, now);
    const { events, code, message, field } = problem;
    process.emitWarning(`${events} event(s) not sent: ${code}: ${message}${field && ` (${field})`}`, "EventLens");
  }
}

function fromEnvironment(): Partial<typeof DEFAULTS> {
  const { EVENT_LENS_URL: url, EVENT_LENS_CLIENT_ID: clientId, EVENT_LENS_CLIENT_SECRET: clientSecret } = process.env;
  return stated({ url, clientId, clientSecret });
}

/** What is stated: undefined is absence. */
function stated(options: Options): Partial<typeof DEFAULTS> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** Id, time and whose it is: as stated, else the visitor's. */
function whose(about: Pick<About, "id" | "timestamp" | "profileId" | "deviceId">, visitor: Visitor): Payload {
  return {
    id: about.id,
    timestamp: moment(about.timestamp),
    profileId: about.profileId ?? asked(visitor.profileId),
    deviceId: about.deviceId ?? asked(visitor.deviceId),
  };
}

function moment(when: Time | undefined): string | number {
  return when instanceof Date ? when.getTime() : (when ?? Date.now());
}

/** The body as JSON at this moment: what is changed later does not change the event. */
function encoded(body: Body): string | Error {
  try {
    return JSON.stringify(body);
  } catch (error) {
    try {
      return JSON.stringify(body, plain); // a BigInt is the one value that JSON stumbles over
    } catch {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}

function plain(_: string, value: unknown): unknown {
  if (typeof value !== "bigint") return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}
