const unitsMs = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** A time for readers in its two largest units, rounded: `58m 31s`, `1d 2h`, `500ms`. */
export function printDuration(durationMs: number): string {
  const largest = unitsMs.findIndex(([, unitMs]) => durationMs >= unitMs);
  const [unit, smaller] = unitsMs.slice(largest);
  if (largest === -1 || unit === undefined) return '0s';
  const [finerName, finerMs] = smaller ?? unit;
  const roundedMs = Math.round(durationMs / finerMs) * finerMs;
  if (roundedMs !== durationMs) return printDuration(roundedMs); // It may have become a whole larger unit.
  const [name, unitMs] = unit;
  const rest = (roundedMs % unitMs) / finerMs;
  return `${Math.floor(roundedMs / unitMs)}${name}${rest === 0 ? '' : ` ${rest}${finerName}`}`;
}
