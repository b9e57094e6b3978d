import { signal } from '@preact/signals';

/*
 * Single keys as shortcuts: `/` to search, `j` and `k` along the rows of a list, `?` for help. They can be switched off (WCAG 2.1.4), and never
 * count while somebody types.
 */

const storageKey = 'kait.keys';

/** Whether single keys count. */
export const keysCount = signal(localStorage.getItem(storageKey) !== 'off');

/** Whether the help is shown. */
export const showsHelp = signal(false);

export function chooseKeys(count: boolean): void {
  localStorage.setItem(storageKey, count ? 'on' : 'off');
  keysCount.value = count;
}

/** What `j` and `k` go along: the links of rows that are marked by this attribute. */
export const rowLink = { 'data-row': '' };

/** Listens to the keys of the whole page. */
export function listenToKeys(): void {
  window.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (!keysCount.value || isTyping(event.target) || document.querySelector('dialog[open]') !== null) return;
    const act = actions[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
}

const actions: Record<string, () => void> = {
  '/': () => document.querySelector<HTMLInputElement>('#search')?.select(),
  '?': () => (showsHelp.value = true),
  j: () => goAlong(1),
  k: () => goAlong(-1),
};

function goAlong(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('main [data-row]')];
  const at = rows.findIndex((row) => row === document.activeElement);
  const next = at === -1 ? (by === 1 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1);
  rows[next]?.focus();
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches('textarea, select, input:not([type=checkbox], [type=radio])');
}
