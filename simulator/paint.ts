import type { Json } from '../language/json.ts';
import { printable } from '../language/printable.ts';

/** Wraps text for a terminal; which colour each style has is the caller's affair. */
export type Paint = (style: 'good' | 'bad' | 'caution' | 'faint' | 'strong', text: string) => string;

/** Without colours. */
export const plain: Paint = (_style, text) => text;

/** JSON on one line of at most so many characters. */
export function shortJson(value: Json | undefined, most: number): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return printable(text.length > most ? `${text.slice(0, most - 1)}…` : text);
}
