/** What each key does to the place of the focus among so many buttons. */
const moves: Record<string, (at: number, count: number) => number> = {
  ArrowDown: (at) => at + 1,
  ArrowRight: (at) => at + 1,
  ArrowUp: (at) => at - 1,
  ArrowLeft: (at) => at - 1,
  Home: () => 0,
  End: (_at, count) => count - 1,
};

/** The arrow keys go along the buttons inside an element, of which the tabulator key leads to one: for `onKeyDown`. */
export function goAlong(event: KeyboardEvent): void {
  const move = moves[event.key];
  if (move === undefined || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const within = event.currentTarget as Element; // Listeners are on elements.
  const buttons = [...within.querySelectorAll<HTMLElement>('button')];
  const at = buttons.findIndex((button) => button === document.activeElement);
  if (at === -1) return;
  event.preventDefault();
  buttons[Math.min(Math.max(move(at, buttons.length), 0), buttons.length - 1)]?.focus();
}
