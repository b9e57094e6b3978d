import type { Definition } from '../language/definition.ts';
import { shortened } from '../language/printable.ts';
import type { LooseEnd, NodeAbout, Shape } from './flowchart.ts';
import { type ChartRules, drawDefinition } from './graph-definition.ts';

/** The definition as nodes and edges, for whoever lays them out. Texts are as the definition has them: show them as text. */
export interface DefinitionGraph {
  /** In the order in which they are written. */
  nodes: GraphNode[];
  edges: GraphEdge[];
  frames: GraphFrame[];
}

export interface GraphNode {
  name: string;
  shape: Shape;
  /** The first says which step it is, the others what it does. */
  lines: string[];
  kind: 'undo' | 'failure' | null;
  /** Null: it is the beginning or an end. */
  step: string | null;
  /** The innermost frame around it. */
  frame: string | null;
}

export interface GraphEdge {
  /** A node, or a frame: any of its steps may lead there. */
  from: string;
  to: string;
  label: string | null;
  dotted: boolean;
}

/** What surrounds the steps of a `try`. */
export interface GraphFrame {
  name: string;
  title: string;
  step: string;
  /** The frame around it. */
  frame: string | null;
}

/** Graphs longer than this per line help nobody. */
const longestLine = 120;

/** Draws the same as `graphDefinition`. */
export function graphOf(definition: Definition, rules: ChartRules): DefinitionGraph {
  const graph: DefinitionGraph = { nodes: [], edges: [], frames: [] };
  let frame: string | null = null;
  let count = 0;
  drawDefinition(definition, rules, {
    node(shape: Shape, text: string | string[], { kind, step }: NodeAbout = {}) {
      const name = `n${(count += 1)}`;
      const lines = [text].flat().map((line) => shortened(line, longestLine));
      graph.nodes.push({ name, shape, lines, kind: kind ?? null, step: step ?? null, frame });
      return name;
    },
    connect(ends: LooseEnd[], to: string) {
      for (const { from, label, dotted = false } of ends) {
        graph.edges.push({ from, to, label: label === undefined ? null : shortened(label, longestLine), dotted });
      }
    },
    frame(title: string, step: string, draw: () => void) {
      const name = `n${(count += 1)}`;
      const around: string | null = frame;
      graph.frames.push({ name, title: shortened(title, longestLine), step, frame: around });
      frame = name;
      draw();
      frame = around;
      return name;
    },
  });
  return graph;
}
