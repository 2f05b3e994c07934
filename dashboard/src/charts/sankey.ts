/** Where nodes and links of a flow by steps lie: columns for steps, heights for how many. Pure arithmetic. */

export interface FlowNode {
  id: string;
  step: number;
  name: string;
  value: number;
  dropped: number;
}

export interface FlowLink {
  source: string;
  target: string;
  value: number;
}

export interface Box extends FlowNode {
  x: number;
  y: number;
  height: number;
}

export interface Band extends FlowLink {
  path: string;
  width: number;
}

const GAP = 10;
const LEAST = 3;

export function layout(nodes: readonly FlowNode[], links: readonly FlowLink[], width: number, height: number, bar: number): { boxes: Box[]; bands: Band[] } {
  const steps = [...new Set(nodes.map((node) => node.step))].sort((a, b) => a - b);
  const columns = steps.map((step) => nodes.filter((node) => node.step === step).sort((a, b) => b.value - a.value));
  const most = Math.max(1, ...columns.map((column) => column.reduce((sum, node) => sum + node.value, 0)));
  const deepest = Math.max(1, ...columns.map((column) => column.length));
  const scale = Math.max(0, height - GAP * (deepest - 1)) / most;
  const distance = steps.length > 1 ? (width - bar) / (steps.length - 1) : 0;
  const boxes = columns.flatMap((column, index) => {
    let y = 0;
    return column.map((node): Box => {
      const box = { ...node, x: index * distance, y, height: Math.max(LEAST, node.value * scale) };
      y += box.height + GAP;
      return box;
    });
  });
  const at = new Map(boxes.map((box) => [box.id, box]));
  const left = new Map<string, number>();
  const right = new Map<string, number>();
  const bands = [...links]
    .sort((a, b) => (at.get(a.source)?.y ?? 0) - (at.get(b.source)?.y ?? 0) || (at.get(a.target)?.y ?? 0) - (at.get(b.target)?.y ?? 0))
    .flatMap((link): Band[] => {
      const from = at.get(link.source);
      const to = at.get(link.target);
      if (!from || !to) return [];
      const thick = Math.max(1, link.value * scale);
      const y0 = from.y + (right.get(from.id) ?? 0) + thick / 2;
      const y1 = to.y + (left.get(to.id) ?? 0) + thick / 2;
      right.set(from.id, (right.get(from.id) ?? 0) + thick);
      left.set(to.id, (left.get(to.id) ?? 0) + thick);
      const x0 = from.x + bar;
      const middle = (x0 + to.x) / 2;
      return [{ ...link, width: thick, path: `M${x0},${y0}C${middle},${y0} ${middle},${y1} ${to.x},${y1}` }];
    });
  return { boxes, bands };
}
