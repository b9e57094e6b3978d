const unitsMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;
type Unit = keyof typeof unitsMs;

const part = String.raw`(?:0|[1-9][0-9]{0,11})(?:ms|s|m|h|d)`;

/** Times since a run began: `+2h`, `+1h 30m`, `+1d 500ms`. */
export const elapsedPattern = new RegExp(`^\\+${part}(?: ?${part})*$`);

/** Milliseconds of a text such as `+1h 30m`; undefined where it is of another form. */
export function parseElapsed(text: string): number | undefined {
  if (!elapsedPattern.test(text)) return undefined;
  const parts = [...text.matchAll(/([0-9]+)(ms|s|m|h|d)/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * unitsMs[unit as Unit], 0); // The pattern's units.
}

/** The text for so many milliseconds, which {@link parseElapsed} reads: 5400000 is `+1h 30m`. */
export function formatElapsed(elapsedMs: number): string {
  let left = Math.round(elapsedMs);
  const parts: string[] = [];
  for (const [unit, unitMs] of Object.entries(unitsMs)) {
    const count = Math.floor(left / unitMs);
    left -= count * unitMs;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return `+${parts.length === 0 ? '0s' : parts.join(' ')}`;
}
