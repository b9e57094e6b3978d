import pc from 'picocolors';
import type { Paint } from '../simulator/format-simulation.ts';

const styles: Record<Parameters<Paint>[0], (text: string) => string> = {
  good: pc.green,
  bad: pc.red,
  caution: pc.yellow,
  faint: pc.dim,
  strong: pc.bold,
};

/** The terminal's colours, where it has any. */
export const paint: Paint = (style, text) => styles[style](text);
