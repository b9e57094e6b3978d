import { ExpressionError } from './expression-error.ts';

/** Text as it stands, or a path in braces. `offset` and `length` are the part's place in the template's text. */
export type TemplatePart = { offset: number; length: number } & (
  { text: string; path?: undefined } | { path: string; text?: undefined }
);

/** Parts of a path may hold anything but dots, braces and white space: native bodies choose their own keys. */
const pathPattern = /^[^\s.{}]+(?:\.[^\s.{}]+)*$/;

/**
 * Splits `Order {{ steps.order.id }} is paid` at its braces; blanks inside them do not count. Throws an
 * {@link ExpressionError} where braces stay open or hold no path. Text without `{{` is one part.
 */
export function parseTemplateText(text: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let offset = 0;
  while (offset < text.length) {
    const open = text.indexOf('{{', offset);
    const end = open === -1 ? text.length : open;
    if (end > offset) parts.push({ offset, length: end - offset, text: text.slice(offset, end) });
    if (open === -1) break;
    const close = text.indexOf('}}', open);
    if (close === -1) throw invalid('"{{" is never closed with "}}"');
    parts.push({ offset: open, length: close + 2 - open, path: pathIn(text.slice(open + 2, close)) });
    offset = close + 2;
  }
  return parts;
}

function pathIn(braces: string): string {
  const path = braces.trim();
  if (pathPattern.test(path)) return path;
  throw invalid(`"{{${braces.slice(0, 60)}}}" does not hold a path such as {{event.payment.amount}}`);
}

function invalid(why: string): ExpressionError {
  return new ExpressionError(
    'KAIT_EXPRESSION_INVALID',
    `${why}. Braces that are meant as such go into {"literal": …}.`,
  );
}
