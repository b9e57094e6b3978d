import { describe, expect, it } from 'vitest';
import { findHiddenAddress } from '../../embedded/hidden-address.ts';

describe.runIf(process.platform === 'linux')('the address of the Web UI', () => {
  it('is another one each time, and none that a system uses itself', async () => {
    const addresses = await Promise.all(Array.from({ length: 20 }, () => findHiddenAddress(() => ({}))));
    const hosts = addresses.map((address) => address?.host ?? '');
    expect(new Set(hosts).size).toBe(20);
    expect(hosts.filter((host) => !/^127\.[1-9]\d{0,2}\.\d{1,3}\.[1-9]\d{0,2}$/.test(host))).toEqual([]);
  });
});
