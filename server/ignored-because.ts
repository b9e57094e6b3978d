/** Why an event starts nothing, as `kait events` shows it. A preset may give notices reasons of its own. */
export const ignoredBecause = {
  testEvent: 'test event',
  type: 'no definition reacts to its type',
  trigger: 'no trigger matches it',
  wait: 'no run waits for it',
  skipped: 'skipped: another run has its key',
  merged: 'merged into a later event with its key',
} as const;

/** Such an event may still be what a run waits for later. */
export const mayBeAwaited: readonly string[] = [
  ignoredBecause.type,
  ignoredBecause.trigger,
  ignoredBecause.wait,
  ignoredBecause.skipped,
  ignoredBecause.merged,
];
