import { displayText } from './event-value.ts';

/** The text as one usable address, or null. */
export function usableEmail(text: string): string | null {
  return displayText(text);
}
