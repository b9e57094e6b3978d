import { shortened } from '../language/printable.ts';

/** Brackets of Mermaid's node shapes. */
const shapes = {
  box: ['[', ']'],
  round: ['(', ')'],
  stadium: ['([', '])'],
  frame: ['[[', ']]'],
  flag: ['>', ']'],
  slanted: ['[/', '/]'],
  trapezoid: ['[/', '\\]'],
  hexagon: ['{{', '}}'],
  diamond: ['{', '}'],
  circle: ['((', '))'],
} as const;

export type Shape = keyof typeof shapes;

/** What a node stands for, beside its text. */
export interface NodeAbout {
  kind?: 'undo' | 'failure';
  /** The id of the step. Some have several nodes: their guard, themselves, and what undoes them. */
  step?: string;
}

/** The start of an edge whose target is not known yet. */
export interface LooseEnd {
  from: string;
  label?: string;
  dotted?: boolean;
}

/** What a definition is drawn on. */
export interface Canvas {
  /** Returns the node's name. */
  node(shape: Shape, text: string | string[], about?: NodeAbout): string;
  connect(ends: LooseEnd[], to: string): void;
  /** Draws nodes inside the frame of a step; returns the frame's name, which edges may start at. */
  frame(title: string, step: string, draw: () => void): string;
}

/** A Mermaid flowchart that is being drawn. Texts are escaped, so that none can end its label or act as markup, and each line is cut at 100 characters. */
export interface Flowchart extends Canvas {
  text(): string;
}

/** https://mermaid.js.org/syntax/flowchart.html. Nodes get generated names, because an id such as `end` breaks Mermaid's grammar. */
export function createFlowchart(): Flowchart {
  const nodes: string[] = [];
  const edges: string[] = []; // Written after all nodes: an edge inside a frame would draw both its ends into the frame.
  let count = 0;
  let indent = '  ';

  const write = (line: string) => void nodes.push(`${indent}${line}`);
  return {
    node(shape, text, { kind } = {}) {
      const name = `n${(count += 1)}`;
      const [open, close] = shapes[shape];
      write(`${name}${open}"${[text].flat().map(escape).join('<br/>')}"${close}`);
      if (kind !== undefined) write(`class ${name} ${kind}`);
      return name;
    },
    connect(ends, to) {
      for (const { from, label, dotted } of ends) {
        const arrow = dotted === true ? '-.->' : '-->';
        edges.push(`  ${from} ${arrow}${label === undefined ? '' : `|"${escape(label)}"|`} ${to}`);
      }
    },
    frame(title, _step, draw) {
      const name = `n${(count += 1)}`;
      write(`subgraph ${name}["${escape(title)}"]`);
      indent += '  ';
      draw();
      indent = indent.slice(2);
      write('end');
      return name;
    },
    text: () => ['flowchart TD', ...nodes, ...edges, ...classes].join('\n') + '\n',
  };
}

const classes = ['  classDef undo stroke-dasharray: 4 4', '  classDef failure stroke:#c0392b,stroke-width:2px'];

const longestLine = 100;

/** Uses Mermaid's own entities, decimal codes between # and ;. A percent sign may begin a directive, a backtick Markdown. */
function escape(text: string): string {
  return shortened(text, longestLine)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, ' ')
    .replaceAll(/[#"<>&`%;\\]/g, (character) => `#${character.charCodeAt(0)};`);
}
