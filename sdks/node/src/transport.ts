/** A batch goes out, an answer or the lack of one comes back. */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Answer } from "./answers.js";
import { version } from "./version.js";

const pack = promisify(gzip);
const COMPRESSED_FROM = 1024;
const AGENT = `event-lens-node/${version}`;

/** Characters of a user agent that are kept. */
const LONGEST_AGENT = 1024;

/** A visitor's user agent as a header can hold it, whatever he sent. */
export function headerText(text: string): string {
  return text.slice(0, LONGEST_AGENT).replace(/[^\x20-\x7e\xa0-\xff]/g, "?");
}

export class Transport {
  private readonly ending = new AbortController();
  private readonly address: string;
  private readonly headers: Readonly<Record<string, string>>;

  /** Throws a TypeError for a URL, an id or a secret that is none. */
  constructor(
    url: string,
    clientId: string,
    clientSecret: string,
    private readonly timeout: number,
    private readonly compress: boolean,
  ) {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (parsed?.protocol !== "http:" && parsed?.protocol !== "https:") {
      throw new TypeError(`the URL of the server looks like https://analytics.example.com, not ${JSON.stringify(url)}`);
    }
    if (!/^[\x21-\x7e]*$/.test(clientId + clientSecret)) {
      throw new TypeError("the client's id and secret are letters and digits");
    }
    this.address = `${url.replace(/\/+$/, "")}/track/batch`;
    this.headers = {
      "content-type": "application/json",
      "event-lens-client-id": clientId,
      ...(clientSecret === "" ? {} : { "event-lens-client-secret": clientSecret }),
    };
  }

  /** Break off what is on its way: an open request would keep the process from ending. */
  abort(): void {
    this.ending.abort();
  }

  /** Send a body under a user agent. Never rejects for what goes wrong on the way: that is status 0. */
  async post(text: string, agent: string): Promise<Answer> {
    const headers: Record<string, string> = { ...this.headers, "user-agent": agent === "" ? AGENT : agent };
    const signal = AbortSignal.any([AbortSignal.timeout(this.timeout), this.ending.signal]);
    try {
      let body: string | Uint8Array<ArrayBuffer> = text;
      if (this.compress && text.length > COMPRESSED_FROM) {
        body = new Uint8Array(await pack(text, { level: 1 }));
        headers["content-encoding"] = "gzip";
      }
      const response = await fetch(this.address, { method: "POST", headers, body, signal, redirect: "manual" });
      const said = await response.text();
      return { status: response.status, body: said, retryAfter: response.headers.get("retry-after") ?? "" };
    } catch (error) {
      return { status: 0, body: words(error), retryAfter: "" };
    }
  }
}

/** What `fetch` says is "fetch failed"; why stands in its cause. */
function words(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.cause.name : error.message;
}
