import { expect, it } from 'vitest';
import { killEach } from './kill-each.ts';

it.each(['postgres', 'pglite'] as const)(
  'has one effect for each attempt on %s whose process is killed between effect, record, commit and completion',
  async (kind) => {
    expect(await killEach(kind, { kills: 3, report: () => undefined })).toEqual({
      tallies: [
        { at: 'effect', kills: 1, leftNone: 1, leftOne: 0, once: 1 },
        { at: 'record', kills: 1, leftNone: 1, leftOne: 0, once: 1 },
        { at: 'commit', kills: 1, leftNone: 0, leftOne: 1, once: 1 },
      ],
      effects: 3,
      results: 3,
    });
  },
);
