/** The steps that wait find nothing in an inbox, and everybody may answer. Tests send events as signals, and answers as updates. */
export const noEarlierEvents = {
  'waits.open': () => Promise.resolve({ events: [], after: 0, more: false }),
  'waits.claim': () => Promise.resolve({ taken: true, confirm: false }),
  'waits.close': () => Promise.resolve(null),
  'runs.command': () => Promise.resolve({ refusal: null }),
  'runs.migrated': () => Promise.resolve(null),
  'approvals.open': () => Promise.resolve(null),
  'approvals.decide': () => Promise.resolve({ refusal: null }),
  'approvals.close': () => Promise.resolve(null),
  'outbound.close': () => Promise.resolve(null),
  'approvals.mail': () => Promise.resolve(null),
};
