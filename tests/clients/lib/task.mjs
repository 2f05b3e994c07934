// What every script here is given, and how it tells the test beside it what it saw.

export const server = process.env.SERVER;
export const clientId = process.env.CLIENT_ID;
// Not set where a client has to do without: pages, phones.
export const clientSecret = process.env.CLIENT_SECRET;
export const folder = process.env.FOLDER;

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Wait until `ready()` is true; fails after `seconds`. */
export async function until(ready, what, seconds = 15) {
  const end = Date.now() + seconds * 1000;
  while (!(await ready())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await pause(20);
  }
}

/** The last line of the output is what the test reads. */
export function report(seen) {
  process.stdout.write(`${JSON.stringify(seen)}\n`);
}

/**
 * Write down every request that this process makes to the server from now on, and how it ended.
 *
 * The requests themselves are real. Gives the growing list of {method, path, headers, body, status, answer}; a
 * request that got no answer has neither `status` nor `answer`.
 */
export function watchRequests() {
  const sent = [];
  const real = globalThis.fetch;
  globalThis.fetch = async (address, options = {}) => {
    if (!String(address).startsWith(server)) return real(address, options);
    const request = {
      method: options.method ?? 'GET',
      path: String(address).slice(server.length),
      headers: Object.fromEntries(new Headers(options.headers)),
      body: options.body ? JSON.parse(options.body) : null,
    };
    sent.push(request);
    const response = await real(address, options);
    request.status = response.status;
    request.answer = await response.clone().text();
    return response;
  };
  return sent;
}
