// Finds a place for each box. Loaded when the diagram is shown.
import dagre from '@dagrejs/dagre';
import type { Box, Line, Placed } from './model';

/** Between boxes, in pixels. */
const GAP_PX = 48;
const RANK_GAP_PX = 110;

export function layout(boxes: readonly Box[], lines: readonly Line[]): Placed[] {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'LR', nodesep: GAP_PX, ranksep: RANK_GAP_PX });
  graph.setDefaultEdgeLabel(() => ({}));
  const linked = new Set(lines.flatMap(({ from, to }) => (from === to ? [] : [from, to])));
  for (const { id, width, height } of boxes) if (linked.has(id)) graph.setNode(id, { width, height });
  for (const { id, from, to } of lines) if (from !== to) graph.setEdge(from, to, {}, id);
  dagre.layout(graph);
  const placed = boxes
    .filter(({ id }) => linked.has(id))
    .map((box): Placed => {
      const { x, y } = graph.node(box.id) as { x: number; y: number };
      return { ...box, x: x - box.width / 2, y: y - box.height / 2 };
    });
  const alone = boxes.filter(({ id }) => !linked.has(id));
  return [...placed, ...inRows(alone, placed)];
}

/** Boxes that nothing points to or from, in rows below the others. */
function inRows(boxes: readonly Box[], above: readonly Placed[]): Placed[] {
  const right = Math.max(900, ...above.map(({ x, width }) => x + width));
  let [x, y, tallest] = [0, Math.max(0, ...above.map((box) => box.y + box.height + GAP_PX * 1.5)), 0];
  return boxes.map((box): Placed => {
    if (x > 0 && x + box.width > right) [x, y, tallest] = [0, y + tallest + GAP_PX, 0];
    const placed = { ...box, x, y };
    [x, tallest] = [x + box.width + GAP_PX, Math.max(tallest, box.height)];
    return placed;
  });
}
