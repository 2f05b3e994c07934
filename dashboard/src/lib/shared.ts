/** Whether somebody looks at a project through a share link: then they see its overview and nothing else. */

export interface Shared {
  projectId: string;
  /** What the link ends with. */
  token: string;
  /** What opening it gave, where it has a password. */
  key: string;
}

let current: Shared | null = null;

export function lookThrough(shared: Shared): void {
  current = shared;
}

export function shared(): Shared | null {
  return current;
}

/** What every question through a link carries. */
export function sharedHeaders(): Record<string, string> {
  if (!current) return {};
  return { "event-lens-share": current.token, ...(current.key ? { "event-lens-share-key": current.key } : {}) };
}
