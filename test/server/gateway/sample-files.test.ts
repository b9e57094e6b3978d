import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findSample, listSamples } from '../../../server/gateway/sample-files.ts';
import { sharedTemporaryFolder } from '../../temporary-folder.ts';
import { samplesFolder } from './gateways.ts';

describe('samples', () => {
  const folder = sharedTemporaryFolder();
  beforeAll(async () => {
    await mkdir(join(folder.path, 'acme'));
    await mkdir(join(folder.path, 'warung'));
    await mkdir(join(folder.path, 'empty'));
    await writeFile(join(folder.path, 'acme', 'paid.json'), '{\n  "id": 1.0\n}\n');
    await writeFile(
      join(folder.path, 'acme', 'Refund.done.http'),
      'POST ?data.id=7&x=a%20b\nContent-Type: application/x-www-form-urlencoded\nX-Time: 2026-01-01T00:00:00Z\n\nfirst\n\nsecond\n',
    );
    await writeFile(join(folder.path, 'acme', 'ping.http'), 'POST\nx-event: ping\n\n');
    await writeFile(join(folder.path, 'acme', 'README.md'), 'no sample');
    await writeFile(join(folder.path, 'warung', 'paid.json'), '{}');
  });

  it('are listed by gateway, without the extensions of their names', async () => {
    expect(await listSamples(folder.path, 'acme')).toEqual(['Refund.done', 'paid', 'ping']);
    expect(await listSamples(folder.path, 'empty')).toEqual([]);
    expect(await listSamples(folder.path, 'strange')).toEqual([]);
  });

  it('are bodies as written, if they are JSON', async () => {
    expect(await findSample(folder.path, 'acme', 'PAID')).toEqual({
      headers: { 'content-type': 'application/json' },
      body: '{\n  "id": 1.0\n}\n',
      url: '',
    });
  });

  it('are requests with a query, headers and a body, if they are HTTP', async () => {
    expect(await findSample(folder.path, 'acme', 'refund.done')).toEqual({
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-time': '2026-01-01T00:00:00Z' },
      body: 'first\n\nsecond',
      url: '?data.id=7&x=a%20b',
    });
    expect(await findSample(folder.path, 'acme', 'ping')).toEqual({
      headers: { 'x-event': 'ping' },
      body: '',
      url: '',
    });
  });

  it.each([
    ['acme', 'paied', 'No sample "paied" of acme. Did you mean "paid"?'],
    ['acme', 'nothing', 'No sample "nothing" of acme. Known are Refund.done, paid, ping.'],
    ['acne', 'x', 'No samples of "acne". Did you mean "acme"?'],
    ['stripe', 'x', 'No samples of "stripe". Known are acme, empty, warung.'],
    ['..', 'acme', 'No samples of "..". Known are acme, empty, warung.'],
    ['acme', '../warung/paid', 'No sample "../warung/paid" of acme. Known are Refund.done, paid, ping.'],
  ])('of %s named %s do not exist', async (gateway, name, message) => {
    await expect(findSample(folder.path, gateway, name)).rejects.toMatchObject({
      code: 'KAIT_SAMPLE_UNKNOWN',
      message,
    });
  });

  it('include those that are shipped', async () => {
    const sample = await findSample(samplesFolder, 'xendit', 'INVOICE.paid');

    expect(JSON.parse(sample.body)).toMatchObject({ status: 'PAID', external_id: 'ORDER-1001' });
  });
});
