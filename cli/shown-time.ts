/** How a command writes times. */
export interface TimeOptions {
  /** In UTC. Default: the time zone of the terminal. */
  utc?: boolean | undefined;
}

/** `2026-11-28 14:30:05 +07:00`, in the time zone of the terminal, or with a `Z` in UTC. A text that is no time stays as it is. */
export function shownTime(instant: string, { utc = false }: TimeOptions = {}): string {
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return instant;
  if (utc) return `${at.toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const offset = -at.getTimezoneOffset();
  const local = new Date(at.getTime() + offset * 60_000).toISOString().slice(0, 19).replace('T', ' ');
  const minutes = Math.abs(offset);
  const pad = (part: number) => String(Math.trunc(part)).padStart(2, '0');
  return `${local} ${offset < 0 ? '-' : '+'}${pad(minutes / 60)}:${pad(minutes % 60)}`;
}

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** An age or a duration in its two largest units: `2 d 3 h`, `45 s`. */
export function shownDuration(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds));
  const parts: string[] = [];
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    rest %= size;
    if (count > 0) parts.push(`${count} ${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.length === 0 ? '0 s' : parts.join(' ');
}
