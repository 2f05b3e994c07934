/** Path below which the application and its API are served, with a slash at its end: "/" or "/stats/". */
export const root = new URL(".", document.baseURI).pathname;

/** An absolute path of this server, wherever it is hosted. */
export function at(path: string): string {
  return root + path.replace(/^\//, "");
}
