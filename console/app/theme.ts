import { signal } from '@preact/signals';

export const themes = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const storageKey = 'kait.theme';

export const theme = signal<Theme>('auto');

/** Shows the theme that was chosen before. */
export function loadTheme(): void {
  const stored = localStorage.getItem(storageKey);
  show(themes.find((known) => known === stored) ?? 'auto');
}

/** Changes the theme, and remembers it. */
export function chooseTheme(chosen: Theme): void {
  localStorage.setItem(storageKey, chosen);
  show(chosen);
}

function show(shown: Theme): void {
  theme.value = shown;
  if (shown === 'auto') document.documentElement.removeAttribute('data-theme');
  else document.documentElement.dataset.theme = shown;
}
