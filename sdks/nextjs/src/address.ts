/** The address without a slash at its end. Throws where nobody said one. */
export function addressOf(api: string | undefined): string {
  if (!api) throw new Error("Event Lens: `api`, the address of the server, is not set");
  return api.replace(/\/$/, "");
}
