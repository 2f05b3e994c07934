/**
 * Draws a recording, in a document of its own: what was recorded are other sites' pages, and they need a policy that
 * the dashboard must not have. Their scripts run nowhere: rrweb's frame is without them, and the policy forbids them.
 */

import "rrweb/dist/style.css";
import "@/player/player.css";

import { Replayer } from "rrweb";

import type { FromPlayer, ToPlayer } from "@/player/messages";

const stage = document.getElementById("stage") as HTMLDivElement;
let player: Replayer | undefined;
let playing = false;

function say(message: FromPlayer): void {
  window.parent.postMessage(message, window.location.origin);
}

/** As large as the recorded window fits into this one. */
function fit(): void {
  const frame = player?.iframe;
  if (!frame) return;
  const [width, height] = [frame.offsetWidth || 1, frame.offsetHeight || 1];
  const scale = Math.min(window.innerWidth / width, window.innerHeight / height, 1);
  stage.style.transform = `translate(${Math.max(0, (window.innerWidth - width * scale) / 2)}px, ${Math.max(0, (window.innerHeight - height * scale) / 2)}px) scale(${scale})`;
}

function tell(): void {
  if (player) say({ kind: "time", at: player.getCurrentTime(), playing });
}

function load(events: unknown[]): void {
  const recorded = events as ConstructorParameters<typeof Replayer>[0];
  // Two events at least, and a picture of the whole page (2) to begin with.
  if (events.length < 2 || !recorded.some((event) => typeof event !== "string" && Number(event.type) === 2)) {
    say({ kind: "failed", why: "short" });
    return;
  }
  player = new Replayer(recorded, { root: stage, skipInactive: true, showWarning: false, mouseTail: { strokeStyle: "#5b5bd6" } });
  player.on("resize", fit);
  player.on("finish", () => {
    playing = false;
    tell();
  });
  player.pause(0);
  fit();
  say({ kind: "loaded", length: player.getMetaData().totalTime });
}

function heard(message: ToPlayer): void {
  if (message.kind === "load") load(message.events);
  else if (message.kind === "set") player?.setConfig({ speed: message.speed, skipInactive: message.skip });
  else {
    playing = message.kind === "play";
    if (playing) player?.play(message.at);
    else player?.pause(message.at);
    tell();
  }
}

window.addEventListener("message", (event: MessageEvent<ToPlayer>) => {
  if (event.origin !== window.location.origin || event.source !== window.parent) return;
  try {
    heard(event.data);
  } catch {
    say({ kind: "failed", why: "broken" });
  }
});
window.addEventListener("resize", fit);
setInterval(() => { if (playing) tell(); }, 200);
say({ kind: "ready" });
