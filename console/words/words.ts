import { signal } from '@preact/signals';
import type { Words } from './en.ts';

export type { Words } from './en.ts';

/** The languages of the console, each with its own name for itself. */
export const languages = { en: 'English', id: 'Bahasa Indonesia' } as const;
export type Language = keyof typeof languages;

const dictionaries: Record<Language, () => Promise<Words>> = {
  en: async () => (await import('./en.ts')).en,
  id: async () => (await import('./id.ts')).id,
};

const current = signal<{ language: Language; words: Words } | null>(null);
const storageKey = 'kait.language';

/** The texts in the language of the viewer. A component that calls it is drawn again when the language changes. */
export function useWords(): Words {
  return present().words;
}

/** The language that is shown, for `Intl` and `lang`. */
export function language(): Language {
  return present().language;
}

/** Shows the console in the language that was chosen before, or else in the browser's. */
export async function loadWords(): Promise<void> {
  await show(preferred(localStorage.getItem(storageKey), navigator.languages));
}

/** Changes the language, and remembers it. */
export async function chooseLanguage(chosen: Language): Promise<void> {
  localStorage.setItem(storageKey, chosen);
  await show(chosen);
}

/** The first of the browser's languages that the console speaks, unless one was chosen. */
export function preferred(chosen: string | null, offered: readonly string[]): Language {
  const known = [chosen ?? '', ...offered].map((tag) => tag.toLowerCase().split('-')[0] ?? '');
  // Browsers and Java once wrote `in` for Indonesian.
  const found = known.map((tag) => (tag === 'in' ? 'id' : tag)).find((tag) => tag in languages);
  return (found as Language | undefined) ?? 'en';
}

async function show(shown: Language): Promise<void> {
  const words = await dictionaries[shown]();
  current.value = { language: shown, words };
  document.documentElement.lang = shown;
}

function present(): { language: Language; words: Words } {
  if (current.value === null) throw new Error('The words are loaded before anything is drawn');
  return current.value;
}
