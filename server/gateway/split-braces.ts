/**
 * The pieces of a template in turn: fixed characters, and what stands in braces with them. Throws an `Error` on a brace that
 * is never closed or never opened.
 */
export function splitBraces(template: string): string[] {
  const pieces = template.split(/(\{[^{}]*\})/).filter((piece) => piece !== '');
  if (pieces.some((piece) => /[{}]/.test(piece.replace(/^\{(.*)\}$/, '$1')))) {
    throw new Error(`a brace in "${template}" is never closed or never opened`);
  }
  return pieces;
}
