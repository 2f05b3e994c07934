import { Pause, Play } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { root } from "@/lib/base";
import { duration } from "@/lib/format";
import type { FromPlayer, ToPlayer } from "@/player/messages";
import { IconButton } from "@/ui/Button";
import { Select } from "@/ui/fields";
import { Empty } from "@/ui/states";

const SPEEDS = [0.5, 1, 2, 4, 8] as const;

/** A recording with what steers it; the drawing is done in a frame of its own. */
export function Player({ events }: { events: readonly unknown[] }) {
  const { t } = useTranslation();
  const frame = useRef<HTMLIFrameElement>(null);
  const [length, setLength] = useState<number | null>(null);
  const [failed, setFailed] = useState<"short" | "broken" | null>(null);
  const [at, setAt] = useState(0);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(1);
  const [skip, setSkip] = useState(true);
  const say = (message: ToPlayer) => { frame.current?.contentWindow?.postMessage(message, window.location.origin); };

  useEffect(() => {
    function heard(event: MessageEvent<FromPlayer>) {
      const window_ = frame.current?.contentWindow;
      if (!window_ || event.source !== window_ || event.origin !== window.location.origin) return;
      const message = event.data;
      if (message.kind === "ready") window_.postMessage({ kind: "load", events: [...events] } satisfies ToPlayer, window.location.origin);
      else if (message.kind === "loaded") setLength(message.length);
      else if (message.kind === "failed") setFailed(message.why);
      else {
        setAt(message.at);
        setPlaying(message.playing);
      }
    }
    window.addEventListener("message", heard);
    return () => { window.removeEventListener("message", heard); };
  }, [events]);

  if (failed) return <Empty title={t("replays.failed")} className="min-h-80">{failed === "short" && t("replays.short")}</Empty>;
  const ready = length !== null;
  return (
    <div>
      <iframe ref={frame} title={t("replays.recorded")} src={`${root}replay.html`} className="block h-[min(62dvh,640px)] w-full rounded-t-xl bg-sunken" />
      <div className="flex items-center gap-2 border-t border-line p-2">
        <IconButton label={t(playing ? "replays.pause" : "replays.play")} disabled={!ready} onClick={() => { say(playing ? { kind: "pause", at } : { kind: "play", at: at >= (length ?? 0) - 50 ? 0 : at }); }}>
          {playing ? <Pause className="size-4" aria-hidden /> : <Play className="size-4" aria-hidden />}
        </IconButton>
        <span className="tabular w-12 text-right text-xs text-muted">{duration(at / 1000)}</span>
        <input
          type="range"
          aria-label={t("replays.at")}
          aria-valuetext={duration(at / 1000)}
          className="min-w-0 flex-1 accent-(--accent)"
          min={0}
          max={Math.max(1, Math.round(length ?? 0))}
          step={100}
          value={Math.min(at, length ?? 0)}
          disabled={!ready}
          onChange={(event) => { say({ kind: playing ? "play" : "pause", at: Number(event.target.value) }); }}
        />
        <span className="tabular w-12 text-xs text-muted">{ready ? duration(length / 1000) : ""}</span>
        <Select aria-label={t("replays.speed")} className="w-20!" value={speed} onChange={(event) => { setSpeed(Number(event.target.value)); say({ kind: "set", speed: Number(event.target.value), skip }); }}>
          {SPEEDS.map((each) => <option key={each} value={each}>{each}×</option>)}
        </Select>
        <label className="hidden items-center gap-1.5 text-xs text-muted sm:flex">
          <input type="checkbox" checked={skip} onChange={(event) => { setSkip(event.target.checked); say({ kind: "set", speed, skip: event.target.checked }); }} />
          {t("replays.skip")}
        </label>
      </div>
    </div>
  );
}
