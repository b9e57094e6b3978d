export interface Point {
  x: number;
  y: number;
}

/** Nodes by their names, and the points of each edge. `x` and `y` of a node are its centre. */
export interface Placed {
  nodes: ReadonlyMap<string, Point>;
  edges: Point[][];
}

/** What is to be placed. Edges lead from nodes to nodes. */
export interface Placeable {
  nodes: readonly { name: string; width: number; height: number }[];
  edges: readonly { from: string; to: string; labelWidth: number }[];
}
