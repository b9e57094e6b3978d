/** How texts of the graph are written: see `graph.css`. The first line of a node stands out. */
const fonts = { first: '600 12px', line: '12px', label: '11px', title: '600 11px' } as const;
type Style = keyof typeof fonts;

/** Pixels of a character where there is nothing to measure with. */
const estimates: Record<Style, number> = { first: 7.5, line: 6.7, label: 6, title: 6.6 };

const shared: { canvas?: CanvasRenderingContext2D | null; family?: string } = {};

/** How wide a text is in pixels. Outside of a browser, an estimate. */
export function textWidth(text: string, style: Style): number {
  if (typeof document === 'undefined') return text.length * estimates[style];
  shared.canvas ??= document.createElement('canvas').getContext('2d');
  if (shared.canvas === null) return text.length * estimates[style];
  shared.family ??= getComputedStyle(document.body).fontFamily;
  shared.canvas.font = `${fonts[style]} ${shared.family}`;
  return Math.ceil(shared.canvas.measureText(text).width);
}

/** The text, or its beginning with an ellipsis if it is wider than the room. */
export function cutToWidth(text: string, style: Style, room: number): string {
  if (textWidth(text, style) <= room) return text;
  const characters = Array.from(text);
  let [fits, tooMany] = [0, characters.length];
  while (tooMany - fits > 1) {
    const half = Math.floor((fits + tooMany) / 2);
    if (textWidth(`${characters.slice(0, half).join('')}…`, style) <= room) fits = half;
    else tooMany = half;
  }
  return `${characters.slice(0, fits).join('')}…`;
}
