import './badge.css';
import type { Tone } from './tones.ts';

/** A state: a coloured mark, and the word for it. */
export function Badge({ tone, children }: { tone: Tone; children: string }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}
