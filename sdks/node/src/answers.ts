/** What an answer to a batch means for its events. The rules are those of sdks/protocol/answers.json. */

/** What came back; status 0 where nothing did. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string;
}

/** One event of a batch that the server does not take. */
export interface Rejected {
  readonly index: number;
  readonly code: string;
  readonly message: string;
  readonly field: string;
}

export interface Verdict {
  readonly then: "settled" | "refused" | "halved" | "again";
  readonly code: string;
  readonly message: string;
  readonly rejected: readonly Rejected[];
  /** Milliseconds that the server asks for. */
  readonly wait: number;
}

const AGAIN = new Set([408, 425, 429]);
const ELSEWHERE = new Set([301, 302, 303, 307, 308, 404]);
/** Milliseconds: a `Retry-After` beyond this is cut. */
const LONGEST_WAIT = 300_000;

type Said = Readonly<Record<string, unknown>>;

/** The verdict on an answer; `now` in milliseconds, for a `Retry-After` that is a date. */
export function judge(answer: Answer, now: number): Verdict {
  const { status } = answer;
  if (status === 0) return verdict("again", "", answer.body);
  if (status >= 500 || AGAIN.has(status)) {
    return { ...verdict("again", "", `status ${status}`), wait: milliseconds(answer.retryAfter, now) };
  }
  const said = parsed(answer.body);
  if (status >= 200 && status < 300) return settled(said);
  if (status === 413) return verdict("halved", "too_large", text(said, "message") || "the batch is too large");
  const inner = isObject(said["error"]) ? said["error"] : said;
  const code = text(inner, "code") || (ELSEWHERE.has(status) ? "unexpected_answer" : String(status));
  return verdict("refused", code, text(inner, "message") || `the server answered with status ${status}`);
}

function verdict(then: Verdict["then"], code: string, message: string): Verdict {
  return { then, code, message, rejected: [], wait: 0 };
}

function settled(said: Said): Verdict {
  if (said["success"] !== true && !("bot" in said)) {
    return verdict("refused", "unexpected_answer", "the answer is not that of Event Lens: is the URL right?");
  }
  const rows = Array.isArray(said["rejected"]) ? said["rejected"].filter(isObject) : [];
  return { ...verdict("settled", "", ""), rejected: rows.map(rejected) };
}

/** `events/3/payload/name Expected …` is the field of event 3, then what is wrong with it. */
function rejected(row: Said): Rejected {
  const words = text(row, "message");
  const found = /^(?:events\/\d+\/?(\S*) )?([^]*)$/.exec(words);
  const index = typeof row["index"] === "number" ? row["index"] : -1;
  return { index, code: text(row, "code"), message: found?.[2] ?? words, field: found?.[1] ?? "" };
}

function milliseconds(stated: string, now: number): number {
  if (stated === "") return 0;
  const wait = /^\d+$/.test(stated) ? Number(stated) * 1000 : Date.parse(stated) - now;
  return Number.isFinite(wait) ? Math.min(Math.max(0, wait), LONGEST_WAIT) : 0;
}

function parsed(body: string): Said {
  try {
    const said: unknown = JSON.parse(body);
    return isObject(said) ? said : {};
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is Said {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(said: Said, name: string): string {
  const value = said[name];
  return typeof value === "string" ? value : "";
}
