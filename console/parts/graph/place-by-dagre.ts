import { Graph, layout } from '@dagrejs/dagre';
import type { Placeable, Placed, Point } from './places.ts';

/** Few crossings and short edges, in time that grows faster than the graph. */
export function placeByDagre({ nodes, edges }: Placeable): Placed {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: 28, ranksep: 32, edgesep: 16 });
  for (const { name, width, height } of nodes) graph.setNode(name, { width, height });
  for (const [index, { from, to, labelWidth }] of edges.entries()) {
    const size = labelWidth === 0 ? {} : { width: labelWidth, height: 16, labelpos: 'c' as const };
    graph.setEdge(from, to, size, String(index));
  }
  layout(graph);
  return {
    // Everything has got its place.
    nodes: new Map(nodes.map(({ name }) => [name, graph.node(name) as unknown as Point])),
    edges: edges.map(
      ({ from, to }, index) => (graph.edge(from, to, String(index)) as { points?: Point[] }).points ?? [],
    ),
  };
}
