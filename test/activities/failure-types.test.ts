import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { activityFailure, failureTypes } from '../../activities/failure-types.ts';

const folder = fileURLToPath(new URL('../../activities', import.meta.url));

describe('the table of failures', () => {
  it('has no type that no activity ends in', async () => {
    const files = (await readdir(folder, { recursive: true })).filter(
      (file) => file.endsWith('.ts') && file !== 'failure-types.ts',
    );
    const code = (await Promise.all(files.map((file) => readFile(`${folder}/${file}`, 'utf8')))).join('\n');
    expect(Object.keys(failureTypes).filter((type) => !code.includes(`'${type}'`))).toEqual([]);
  });

  it('decides whether Temporal repeats', () => {
    expect(activityFailure('OrderUnknown', 'm')).toMatchObject({
      type: 'OrderUnknown',
      message: 'm',
      nonRetryable: true,
    });
    const transient = activityFailure('DeliveryFailed', 'm', { nextRetryDelayMs: 7, detail: { status: 500 } });
    expect(transient).toMatchObject({ nonRetryable: false, nextRetryDelay: 7, details: [{ status: 500 }] });
  });
});
