// What a page does by itself: screen views, outgoing links, marked elements, downloads, pages that are not there.
import type { Client, Options } from "./types.js";

/** Made at the first click: a page's load has no use for it. */
const files = (): RegExp =>
  /\.(pdf|docx?|xlsx?|pptx?|od[tsp]|csv|txt|rtf|zip|rar|7z|gz|tgz|exe|msi|dmg|pkg|deb|rpm|apk|iso|mp[34]|wav|avi|mov|mkv|epub)$/i;

/** Watch the page. `client` gets what happens. */
export function watch(client: Client, options: Options): void {
  const wants = (name: string): boolean => !FULL || !options.without?.includes(name);
  let last: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined | 0;

  function view(): void {
    clearTimeout(timer);
    timer = 0;
    const here = location.pathname + location.search + (FULL && options.hash ? location.hash : "");
    if (last != here) {
      last = here;
      client.screenView();
    }
  }
  // A moment later: a page of its own routes has changed its title by then.
  function changed(): void {
    clearTimeout(timer);
    timer = setTimeout(view, 50);
  }

  // Back to a page that was only put aside: it is looked at once more.
  function back(): void {
    last = "";
    view();
  }

  if (!FULL || !options.manual) {
    for (const name of ["pushState", "replaceState"] as const) {
      // eslint-disable-next-line @typescript-eslint/unbound-method -- called with whatever it is called on
      const real = history[name];
      history[name] = function (...given) {
        real.apply(this, given);
        changed();
      };
    }
    addEventListener("popstate", changed);
    addEventListener(
      "pagehide",
      () => {
        // Left before the moment was over.
        if (timer) view();
        addEventListener("pageshow", back);
      },
      true,
    );
    if ((document as { prerendering?: boolean }).prerendering) document.addEventListener("prerenderingchange", view);
    else view();
    if (FULL && wants("not-found") && (performance.getEntriesByType("navigation")[0] as { responseStatus?: number } | undefined)?.responseStatus == 404)
      client.track("not_found");
  }

  function clicked({ target, button }: MouseEvent): void {
    if (button > 1) return;
    const closest = (selector: string) => (target as Partial<Element>).closest?.(selector);
    const marked = FULL && wants("attributes") && closest("[data-track]");
    if (marked) {
      const { track = "", ...properties } = (marked as HTMLElement).dataset;
      client.track(track, properties);
    }
    const link = closest("a,area") as HTMLAnchorElement | null | undefined;
    if (!link || !/^http/.test(link.protocol)) return;
    const { host, href, innerText } = link;
    const name = FULL && files().test(link.pathname) && wants("files") ? "file_download" : host != location.host && wants("links") && "link_out";
    if (name) client.track(name, { href, text: (innerText as string | undefined)?.trim().slice(0, 200) });
  }
  // Before anybody can stop the event on its way.
  addEventListener("click", clicked, true);
  addEventListener("auxclick", clicked, true);
}
