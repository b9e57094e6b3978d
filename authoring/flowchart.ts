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
export type NodeClass = 'undo' | 'failure';

/** The start of an edge whose target is not known yet. */
export interface LooseEnd {
  from: string;
  label?: string;
  dotted?: boolean;
}

/** A Mermaid flowchart that is being drawn. Texts are escaped: none can end its label or act as markup. */
export interface Flowchart {
  /** Returns the node's name in the chart. Cuts each line of text at 100 characters. */
  node(shape: Shape, text: string | string[], nodeClass?: NodeClass): string;
  connect(ends: LooseEnd[], to: string): void;
  /** Draws nodes inside a frame; returns the frame's name, which edges may start at. */
  frame(title: string, draw: () => void): string;
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
    node(shape, text, nodeClass) {
      const name = `n${(count += 1)}`;
      const [open, close] = shapes[shape];
      write(`${name}${open}"${[text].flat().map(escape).join('<br/>')}"${close}`);
      if (nodeClass !== undefined) write(`class ${name} ${nodeClass}`);
      return name;
    },
    connect(ends, to) {
      for (const { from, label, dotted } of ends) {
        const arrow = dotted === true ? '-.->' : '-->';
        edges.push(`  ${from} ${arrow}${label === undefined ? '' : `|"${escape(label)}"|`} ${to}`);
      }
    },
    frame(title, draw) {
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
