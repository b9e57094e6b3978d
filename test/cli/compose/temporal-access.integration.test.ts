import { expect, it } from 'vitest';
import { lazyTemporalAccess } from '../../../cli/compose/temporal-access.ts';
import { findFreePort } from '../../../embedded/free-port.ts';

const place = { namespace: 'default', home: './none' };

it('says at once that Temporal is away, with no retry left over that could end the process after it was closed', async () => {
  const access = lazyTemporalAccess({ address: `127.0.0.1:${await findFreePort()}` }, place, null);
  await expect(access.ping(5_000)).rejects.toThrow(/UNAVAILABLE/);
  await access.close();
});
