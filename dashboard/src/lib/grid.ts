/** Tiles on twelve columns: where they lie after one was moved, so that none covers another and none floats. */

export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const COLUMNS = 12;
const LEAST = { width: 2, height: 2 };

function overlap(one: Place, other: Place): boolean {
  return one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height;
}

function bounded<T extends Place>(place: T): T {
  const width = Math.min(COLUMNS, Math.max(LEAST.width, Math.round(place.width)));
  const height = Math.min(12, Math.max(LEAST.height, Math.round(place.height)));
  return { ...place, width, height, x: Math.min(COLUMNS - width, Math.max(0, Math.round(place.x))), y: Math.max(0, Math.round(place.y)) };
}

/** Every tile as high as it can go, from the top; the earlier ones have the right of way. */
function settled<T extends Place>(order: readonly T[]): T[] {
  const done: T[] = [];
  for (const each of order) {
    let place = { ...each, y: 0 };
    // As far up as nothing lies beneath the tile's own way down.
    const under = done.filter((other) => other.x < each.x + each.width && each.x < other.x + other.width);
    const steps = [0, ...under.map((other) => other.y + other.height)].sort((a, b) => a - b);
    for (const y of steps) {
      place = { ...each, y };
      if (!done.some((other) => overlap(place, other))) break;
    }
    done.push(place);
  }
  return done;
}

/** All tiles after `index` was put elsewhere; they keep their order in the list. */
export function put<T extends Place>(tiles: readonly T[], index: number, patch: Partial<Place>): T[] {
  const marked = tiles.map((tile, at) => ({ tile: at === index ? bounded({ ...tile, ...patch }) : tile, at }));
  const height = (each: { tile: T; at: number }) => each.tile.y - (each.at === index ? 0.5 : 0); // the moved one goes before
  const order = [...marked].sort((a, b) => height(a) - height(b) || a.tile.x - b.tile.x);
  const places = settled(order.map((each) => each.tile));
  const out: T[] = [];
  order.forEach((each, position) => {
    const place = places[position];
    if (place) out[each.at] = place;
  });
  return out;
}

/** Where a new tile of that size finds room: below everything. */
export function below(tiles: readonly Place[]): number {
  return Math.max(0, ...tiles.map((tile) => tile.y + tile.height));
}
