/** Empties the buffer: batches go out one after another, until each is settled or refused. */
import { judge, type Verdict } from "./answers.js";
import type { Batch, Buffer } from "./buffer.js";
import type { Transport } from "./transport.js";
import type { Body, Problem } from "./types.js";

/** Milliseconds between attempts: the wait doubles, and a random part of its half is taken off. */
const FIRST_WAIT = 100;
const LONGEST_WAIT = 20_000;

/** Clients with events that wait: the end of the process looks after them. */
const busy = new Set<Sender>();
process.on("beforeExit", () => {
  for (const sender of busy) void sender.finish();
});

export class Sender {
  accepted = 0;
  refused = 0;
  dropped = 0;
  retries = 0;
  closed = false;
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private deadline = Infinity;
  /** Ends the wait before the next attempt. */
  private wake: (() => void) | undefined;

  constructor(
    private readonly buffer: Buffer,
    private readonly transport: Transport,
    private readonly flushAfter: number,
    private readonly exitTimeout: number,
    private readonly tell: (problem: Problem) => void,
  ) {}

  /** An event was added. */
  notice(): void {
    busy.add(this);
    if (this.running !== undefined) return;
    if (this.buffer.count >= this.buffer.batchSize) this.start();
    else this.timer ??= setTimeout(() => this.start(), this.flushAfter).unref();
  }

  /** Send what waits now. */
  start(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.running ??= this.run();
  }

  /** Send what waits, for at most so many milliseconds; then give up what is left. */
  async finish(milliseconds = this.exitTimeout): Promise<void> {
    if (this.closed) return this.running;
    this.closed = true;
    this.deadline = Date.now() + milliseconds;
    this.wake?.();
    this.start();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
    await Promise.race([this.running, late]);
    clearTimeout(timer);
    const left = this.buffer.dropAll();
    busy.delete(this);
    this.transport.abort();
    if (left > 0) this.giveUp(left);
  }

  private giveUp(left: number): void {
    this.dropped += left;
    this.tell({ code: "unsent", message: "the time to send them was up", field: "", events: left });
  }

  private async run(): Promise<void> {
    await Promise.resolve(); // whoever called goes on first
    for (let batch = this.buffer.take(); batch !== undefined; batch = this.buffer.take()) {
      if (!(await this.deliver(batch))) break;
      this.buffer.settle(batch);
      if (this.buffer.count < this.buffer.batchSize && !this.isUrgent()) break;
    }
    this.running = undefined;
    if (this.buffer.count > 0 && Date.now() < this.deadline) this.notice();
    else if (this.buffer.waiting === 0) busy.delete(this);
  }

  /** Whether somebody waits for what is not a full batch. */
  private isUrgent(): boolean {
    return this.closed || this.buffer.isAwaited;
  }

  /** Send a batch until it needs nothing more; false where time is up. */
  private async deliver(batch: Batch): Promise<boolean> {
    const pieces = [batch.events];
    let attempts = 0;
    for (let events = pieces[0]; events !== undefined; events = pieces[0]) {
      const answer = await this.transport.post(`{"events":[${events.join(",")}]}`, batch.agent);
      const verdict = judge(answer, Date.now());
      if (verdict.then === "again") {
        attempts += 1;
        if (!(await this.pause(verdict, attempts))) return false;
        continue;
      }
      attempts = 0;
      pieces.shift();
      if (verdict.then === "halved" && events.length > 1) pieces.unshift(...this.halves(events));
      else this.settle(events, verdict);
    }
    return true;
  }

  private halves(events: readonly string[]): (readonly string[])[] {
    const middle = Math.floor(events.length / 2);
    this.buffer.batchSize = Math.max(1, Math.min(this.buffer.batchSize, middle));
    return [events.slice(0, middle), events.slice(middle)];
  }

  private settle(events: readonly string[], verdict: Verdict): void {
    if (verdict.then !== "settled") {
      this.refused += events.length;
      const event = events.length === 1 ? read(events[0]) : undefined;
      this.tell({ code: verdict.code, message: verdict.message, field: "", events: events.length, event });
      return;
    }
    this.accepted += events.length - verdict.rejected.length;
    this.refused += verdict.rejected.length;
    for (const { index, code, message, field } of verdict.rejected) {
      this.tell({ code, message, field, events: 1, event: read(events[index]) });
    }
  }

  /** Wait before the next attempt; false where there is no time for another. */
  private async pause(verdict: Verdict, attempts: number): Promise<boolean> {
    this.retries += 1;
    const doubled = Math.min(FIRST_WAIT * 2 ** Math.min(attempts - 1, 16), LONGEST_WAIT);
    const wait = Math.max(doubled * (0.5 + Math.random() / 2), verdict.wait);
    if (Date.now() + wait > this.deadline) return false;
    await new Promise<void>((resolve) => {
      this.wake = resolve; // the end has come: once more, now
      const timer = setTimeout(resolve, wait);
      if (!this.closed && !this.buffer.isAwaited) timer.unref();
    });
    this.wake = undefined;
    return Date.now() < this.deadline;
  }
}

function read(event: string | undefined): Body | undefined {
  return event === undefined ? undefined : (JSON.parse(event) as Body);
}
