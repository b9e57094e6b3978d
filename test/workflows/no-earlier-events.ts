/** The steps that wait find nothing in an inbox. Tests send them events as signals. */
export const noEarlierEvents = {
  'waits.open': () => Promise.resolve({ events: [], after: 0, more: false }),
  'waits.claim': () => Promise.resolve({ taken: true, confirm: false }),
  'waits.close': () => Promise.resolve(null),
};
