import type { Plugin } from "./types.js";

/** How views are read: `scroll_depth` with `depth` (percent) once a view, and `engagement` with `seconds` while it was looked at. */
export function reading(): Plugin {
  return (client) => {
    let page = location.href;
    let depth = 0;
    let told = false;
    let seconds = 0;
    let since = 0;
    const measure = (): void => {
      depth = Math.max(depth, Math.min(100, Math.round((100 * (scrollY + innerHeight)) / document.documentElement.scrollHeight)));
    };
    const pause = (): void => {
      if (since) seconds += (performance.now() - since) / 1e3;
      since = 0;
    };
    const resume = (): void => {
      if (!document.hidden && document.hasFocus()) since ||= performance.now();
    };
    const tell = (): void => {
      pause();
      if (seconds >= 1) {
        client.track("engagement", { __path: page, seconds: Math.round(seconds) });
        seconds = 0;
      }
      if (!told) client.track("scroll_depth", { __path: page, depth });
      told = true;
    };
    const begin = (): void => {
      page = location.href;
      depth = 0;
      told = false;
      measure();
      resume();
    };
    const view = client.screenView.bind(client);
    client.screenView = (...given) => {
      tell();
      begin();
      view(...given);
    };
    addEventListener("scroll", measure, { passive: true });
    addEventListener("blur", pause);
    addEventListener("focus", resume);
    addEventListener("pagehide", tell, true);
    addEventListener("visibilitychange", () => (document.hidden ? tell() : resume()), true);
    begin();
  };
}
