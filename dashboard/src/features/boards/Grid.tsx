import { GripVertical, MoveDiagonal2, X } from "lucide-react";
import { useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { Tile } from "@/api/kept";
import { TileBody } from "@/features/boards/TileBody";
import { useTileName } from "@/features/boards/names";
import { cx } from "@/lib/classes";
import { COLUMNS, put, type Place } from "@/lib/grid";
import { IconButton } from "@/ui/Button";

const ROW = 56;
const GAP = 12;

interface Props {
  tiles: readonly Tile[];
  /** There while tiles are arranged. */
  onChange: ((tiles: Tile[]) => void) | undefined;
}

/** Twelve columns on a wide screen, one below the other on a narrow one. */
export function Grid({ tiles, onChange }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const order = tiles.map((tile, index) => ({ tile, index })).sort((a, b) => a.tile.y - b.tile.y || a.tile.x - b.tile.x);
  return (
    <div ref={box} className="grid auto-rows-[56px] grid-cols-1 gap-3 lg:grid-cols-12">
      {order.map(({ tile, index }) => (
        <OneTile
          key={index}
          tile={tile}
          cell={() => ((box.current?.clientWidth ?? 0) + GAP) / COLUMNS}
          {...(onChange ? { onPlace: (patch: Partial<Place>) => { onChange(put(tiles, index, patch)); }, onRemove: () => { onChange(tiles.filter((_, at) => at !== index)); } } : {})}
        />
      ))}
    </div>
  );
}

interface TileProps {
  tile: Tile;
  /** How wide a column with its gap is. */
  cell: () => number;
  onPlace?: (patch: Partial<Place>) => void;
  onRemove?: () => void;
}

const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function OneTile({ tile, cell, onPlace, onRemove }: TileProps) {
  const { t } = useTranslation();
  const name = useTileName(tile);
  return (
    <section
      aria-label={name}
      className="card group relative flex min-h-0 min-w-0 flex-col max-lg:col-auto! max-lg:row-[span_var(--tall)]!"
      style={{ gridColumn: `${tile.x + 1} / span ${tile.width}`, gridRow: `${tile.y + 1} / span ${tile.height}`, ["--tall" as string]: tile.height }}
    >
      <TileBody tile={tile} name={name} />
      {onPlace && (
        <>
          <div className="absolute inset-0 rounded-xl bg-surface/60" />
          <div className="absolute top-1.5 left-1.5 flex gap-1">
            <Handle label={t("boards.move", { name })} className="cursor-grab! active:cursor-grabbing!" place={tile} cell={cell} onMove={(place, across, down) => { onPlace({ x: place.x + across, y: place.y + down }); }}>
              <GripVertical className="size-4" aria-hidden />
            </Handle>
            <IconButton label={t("boards.removeTile", { name })} className="border border-line bg-raised shadow-card" onClick={onRemove}>
              <X className="size-4" aria-hidden />
            </IconButton>
          </div>
          <Handle label={t("boards.resize", { name })} className="absolute right-1.5 bottom-1.5 cursor-nwse-resize!" place={tile} cell={cell} onMove={(place, across, down) => { onPlace({ width: place.width + across, height: place.height + down }); }}>
            <MoveDiagonal2 className="size-4" aria-hidden />
          </Handle>
        </>
      )}
    </section>
  );
}

interface HandleProps {
  label: string;
  className: string;
  place: Place;
  cell: () => number;
  /** Where it began, and how many columns and rows it went since. */
  onMove: (from: Place, across: number, down: number) => void;
  children: ReactNode;
}

/** Moves or sizes, by pointer and with the arrow keys. */
function Handle({ label, className, place, cell, onMove, children }: HandleProps) {
  const [from, setFrom] = useState<{ x: number; y: number; place: Place } | null>(null);
  function move(event: PointerEvent) {
    if (from) onMove(from.place, Math.round((event.clientX - from.x) / Math.max(1, cell())), Math.round((event.clientY - from.y) / (ROW + GAP)));
  }
  function key(event: KeyboardEvent) {
    const step = ARROWS[event.key];
    if (!step) return;
    event.preventDefault();
    onMove(place, ...step);
  }
  return (
    <IconButton
      label={label}
      className={cx("touch-none border border-line bg-raised shadow-card", className)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setFrom({ x: event.clientX, y: event.clientY, place });
      }}
      onPointerMove={move}
      onPointerUp={() => { setFrom(null); }}
      onKeyDown={key}
    >
      {children}
    </IconButton>
  );
}
