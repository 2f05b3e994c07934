/**
 * Events between the call and their settlement, in bounded memory.
 *
 * Events of one user agent go out together, because the server reads it of the request. Each event has a number; a
 * flush waits until no event up to the newest number at its call is outstanding.
 */

/** Bytes that an event takes beside its text: the objects around it. */
const OVERHEAD = 160;
/** Bytes of a batch, beyond its first event. */
const MOST_BYTES = 1 << 20;

interface Waiting {
  readonly number: number;
  readonly text: string;
  readonly size: number;
}

/** A queue whose beginning moves, so that taking from it costs nothing. */
class Queue {
  private items: Waiting[] = [];
  private head = 0;

  get length(): number {
    return this.items.length - this.head;
  }

  get first(): Waiting | undefined {
    return this.items[this.head];
  }

  push(item: Waiting): void {
    this.items.push(item);
  }

  shift(): Waiting | undefined {
    const item = this.items[this.head];
    this.head += 1;
    if (this.head > 1024 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }
}

/** Events that are on their way, oldest first. */
export interface Batch {
  readonly agent: string;
  readonly events: readonly string[];
  readonly oldest: number;
  readonly size: number;
}

/** Called with true when everything is settled, with false when it was given up. */
export type Settled = (ok: boolean) => void;

export class Buffer {
  count = 0;
  bytes = 0;
  private readonly queues = new Map<string, Queue>();
  private sending: Batch | undefined;
  private number = 0;
  private waiters: { readonly number: number; readonly settled: Settled }[] = [];

  constructor(
    readonly limit: number,
    public batchSize: number,
  ) {}

  /** Add an event; false where there is no room. */
  put(text: string, agent: string): boolean {
    const size = text.length * 2 + OVERHEAD; // at most: most texts take one byte a character
    if (this.bytes + size > this.limit) return false;
    let queue = this.queues.get(agent);
    if (queue === undefined) this.queues.set(agent, (queue = new Queue()));
    this.number += 1;
    queue.push({ number: this.number, text, size });
    this.bytes += size;
    this.count += 1;
    return true;
  }

  /** The next batch, from the agent that waits longest; undefined when nothing waits. */
  take(): Batch | undefined {
    const [entry] = this.queues;
    if (entry === undefined) return undefined;
    const [agent, queue] = entry;
    const oldest = queue.first?.number ?? 0;
    const events: string[] = [];
    let size = 0;
    while (queue.length > 0 && events.length < this.batchSize && (events.length === 0 || size < MOST_BYTES)) {
      const item = queue.shift();
      if (item === undefined) break;
      events.push(item.text);
      size += item.size;
    }
    this.queues.delete(agent);
    if (queue.length > 0) this.queues.set(agent, queue);
    this.count -= events.length;
    this.sending = { agent, events, oldest, size };
    return this.sending;
  }

  /** The batch needs nothing more: it is stored, refused or given up. */
  settle(batch: Batch): void {
    if (this.sending !== batch) return; // given up meanwhile
    this.bytes -= batch.size;
    this.sending = undefined;
    const oldest = this.oldest();
    const done = this.waiters.filter((waiter) => oldest === undefined || waiter.number < oldest);
    this.waiters = this.waiters.filter((waiter) => !done.includes(waiter));
    for (const { settled } of done) settled(true);
  }

  /** Call back once everything that was added so far is settled. */
  whenSettled(settled: Settled): void {
    if (this.oldest() === undefined) settled(true);
    else this.waiters.push({ number: this.number, settled });
  }

  /** Give up whatever is not settled, and tell everybody who waited. Gives the number of events. */
  dropAll(): number {
    const dropped = this.waiting;
    this.queues.clear();
    this.sending = undefined;
    this.count = this.bytes = 0;
    const told = this.waiters;
    this.waiters = [];
    for (const { settled } of told) settled(false);
    return dropped;
  }

  /** Whether somebody waits for what is in here. */
  get isAwaited(): boolean {
    return this.waiters.length > 0;
  }

  /** Events that are not settled. */
  get waiting(): number {
    return this.count + (this.sending?.events.length ?? 0);
  }

  private oldest(): number | undefined {
    let oldest = this.sending?.oldest;
    for (const { first } of this.queues.values()) {
      if (first !== undefined && (oldest === undefined || first.number < oldest)) oldest = first.number;
    }
    return oldest;
  }
}
