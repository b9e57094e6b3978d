import { momentFormats } from './ask-text.ts';

/** The places `now:unix`, `now:rfc3339` … of a moment. */
export function momentFields(name: 'now' | 'since', atMs: number): [place: string, text: string][] {
  return momentFormats.map((format) => [`${name}:${format}`, written(atMs, format)]);
}

function written(atMs: number, format: (typeof momentFormats)[number]): string {
  const seconds = new Date(atMs).toISOString().slice(0, 19);
  switch (format) {
    case 'unix':
      return String(Math.floor(atMs / 1_000));
    case 'unixms':
      return String(Math.floor(atMs));
    case 'rfc3339':
      return `${seconds}Z`;
    case 'local':
      return seconds.replace('T', ' ');
    case 'date':
      return seconds.slice(0, 10);
    case 'digits':
      return seconds.replace(/\D/g, '');
  }
}
