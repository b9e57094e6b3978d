import type { EventHistory } from '../../server/dispatch-event.ts';

/** The history of an event that has just arrived. */
export const noHistory: EventHistory = { rowId: 1, known: [], doubtfulSince: null, begin: () => Promise.resolve() };
