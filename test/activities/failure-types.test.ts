import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { activityFailure, failureTypes } from '../../activities/failure-types.ts';

/** The worker fails activities that it does not have. */
const folders = ['activities', 'worker'].map((name) => fileURLToPath(new URL(`../../${name}`, import.meta.url)));

describe('the table of failures', () => {
  it('has only types that are used', async () => {
    const code = (await Promise.all(folders.map(readCode))).join('\n');
    expect(Object.keys(failureTypes).filter((type) => !code.includes(`'${type}'`))).toEqual([]);
  });

  it('says whether a failed attempt may have had its effect, unless the activity knows better', () => {
    expect(activityFailure('InputInvalid', 'm').details).toEqual([{ effect: 'none' }]);
    expect(activityFailure('ReceiverUnavailable', 'm').details).toEqual([{ effect: 'unknown' }]);
    expect(activityFailure('ReceiverUnavailable', 'm', { effect: 'none' }).details).toEqual([{ effect: 'none' }]);
  });

  it('decides whether Temporal retries', () => {
    expect(activityFailure('MailRefused', 'm')).toMatchObject({
      type: 'MailRefused',
      message: 'm',
      nonRetryable: true,
    });
    const transient = activityFailure('DeliveryFailed', 'm', { nextRetryDelayMs: 7, detail: { status: 500 } });
    expect(transient).toMatchObject({
      nonRetryable: false,
      nextRetryDelay: 7,
      details: [{ status: 500, effect: 'unknown' }],
    });
  });
});

async function readCode(folder: string): Promise<string> {
  const files = (await readdir(folder, { recursive: true })).filter(
    (file) => file.endsWith('.ts') && file !== 'failure-types.ts',
  );
  return (await Promise.all(files.map((file) => readFile(`${folder}/${file}`, 'utf8')))).join('\n');
}

it('says nothing with half a character, which would keep the failure from reaching Temporal', () => {
  expect(activityFailure('MailRefused', 'no \ud83d').message).toBe('no \uFFFD');
});
