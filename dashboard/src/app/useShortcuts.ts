import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

import { ENTRIES } from "@/app/nav";
import { kept, useAddress, useProjectId } from "@/lib/search";

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Whether a key is meant for something else. */
function busy(event: KeyboardEvent): boolean {
  return event.metaKey || event.ctrlKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]") !== null;
}

/** Keys that press the button which carries them. */
const PRESSED = new Set(["f", "d"]);

function press(event: KeyboardEvent): void {
  if (!PRESSED.has(event.key)) return;
  event.preventDefault();
  document.querySelector<HTMLElement>(`[data-key="${event.key}"]`)?.click();
}

/** ⌘K or Ctrl+K opens the palette, ? the help; G and a page's letter leads to that page. */
export function useShortcuts(openPalette: () => void, openHelp: () => void): void {
  const navigate = useNavigate();
  const projectId = useProjectId();
  const [search] = useAddress();
  const leader = useRef(0);
  useEffect(() => {
    function pressed(event: KeyboardEvent) {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        openPalette();
        return;
      }
      if (busy(event)) return;
      if (event.key === "?") {
        event.preventDefault();
        openHelp();
        return;
      }
      const led = Date.now() - leader.current < 1200;
      if (event.key === "g" && !led) {
        leader.current = Date.now();
        return;
      }
      const entry = ENTRIES.find((each) => each.key === event.key);
      if (entry && projectId && led) {
        void navigate({ to: entry.to, params: { projectId }, search: kept(search) });
      }
      if (!led) press(event);
      leader.current = 0;
    }
    window.addEventListener("keydown", pressed);
    return () => { window.removeEventListener("keydown", pressed); };
  }, [navigate, openPalette, openHelp, projectId, search]);
}
