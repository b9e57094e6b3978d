import { z } from 'zod';
import { parseAlternative } from './alternatives.ts';
import { parsePlace, type PlaceKind } from './place.ts';
import { compileSignedText } from './signed-text.ts';

/** The text of one place: see `place.ts`. */
export function placeSchema(allowed: readonly PlaceKind[]): z.ZodString {
  return checkedText((text) => parsePlace(text, allowed));
}

/** A list of alternatives: see `alternatives.ts`. */
export const alternativesSchema = z.array(checkedText(parseAlternative)).min(1);

/** The template of a signed text: see `signed-text.ts`. Whether a canonical form exists is its scheme's to say. */
export const signedTextSchema = checkedText((text) =>
  compileSignedText(text.replaceAll(/\{\s*canonical:[a-z]+\s*\}/g, '')),
).min(1);

/** A text that `parse` takes; what it throws becomes the finding's message. */
export function checkedText(parse: (text: string) => unknown): z.ZodString {
  return z.string().superRefine((text, context) => {
    try {
      parse(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    }
  });
}
