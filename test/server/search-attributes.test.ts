import { ServiceError } from '@temporalio/client';
import { describe, expect, it, vi } from 'vitest';
import { keepSearchAttributes } from '../../server/keep-search-attributes.ts';
import { ensureSearchAttributes, type SearchAttributeServices } from '../../server/search-attributes.ts';

const all = [
  ...[
    'KaitDefinition',
    'KaitSource',
    'KaitEventType',
    'KaitEntity',
    'KaitState',
    'KaitStep',
    'KaitOrder',
    'KaitPayment',
  ],
  ...['KaitCustomer', 'KaitAmount'],
];
const [text, keyword, int] = [1, 2, 3];
const allThere: Record<string, number> = {
  ...Object.fromEntries(all.map((name) => [name, keyword])),
  KaitAmount: int,
};
const without = (...names: string[]) => all.filter((name) => !names.includes(name));

function grpcError(code: number, message: string): Error {
  return Object.assign(new ServiceError(message), { code, details: message, metadata: {} });
}

interface Answers {
  list?: () => Record<string, number>;
  add?: (names: string[]) => void;
  count?: (query: string) => void;
}

/** An operator service that answers as told. `added` are the attributes that it was asked for. */
function services({ list = () => ({}), add = () => undefined, count = () => undefined }: Answers) {
  const added: string[] = [];
  const fake = {
    operatorService: {
      listSearchAttributes: () => Promise.resolve().then(() => ({ customAttributes: list() })),
      addSearchAttributes: ({ searchAttributes }: { searchAttributes: object }) =>
        Promise.resolve().then(() => {
          added.push(...Object.keys(searchAttributes));
          add(Object.keys(searchAttributes));
        }),
    },
    workflowService: {
      countWorkflowExecutions: ({ query }: { query: string }) => Promise.resolve().then(() => count(query)),
    },
  };
  return { added, services: fake as unknown as SearchAttributeServices }; // Only these three methods are called.
}

const fail = (code: number, message: string) => () => {
  throw grpcError(code, message);
};
const denied = fail(7, 'Request unauthorized.');

describe('the search attributes of a namespace', () => {
  it('are created if there are none', async () => {
    const fake = services({});
    expect(await ensureSearchAttributes(fake.services, 'shop')).toEqual({
      ...{ usable: all, missing: [], wrongType: [], reason: null },
    });
    expect(fake.added).toEqual(all);
  });

  it('are left alone if all are there, so that Kait needs no right to create any', async () => {
    const fake = services({ list: () => allThere, add: denied });
    expect(await ensureSearchAttributes(fake.services, 'shop')).toMatchObject({ usable: all, reason: null });
    expect(fake.added).toEqual([]);
  });

  it.each([
    ['may not create them', denied, 'Request unauthorized.', 1],
    ['asks a server that creates none', fail(12, 'unknown service'), 'unknown service', 1],
    ['has no room for more', fail(3, 'cannot have more than 10'), 'cannot have more than 10', 9],
    ['meets a fault of the server', fail(13, 'internal'), 'internal', 9],
  ])('are used as far as they are there if Kait %s', async (_what, add, reason, attempts) => {
    const fake = services({ list: () => ({ KaitSource: keyword }), add });
    expect(await ensureSearchAttributes(fake.services, 'shop')).toEqual({
      usable: ['KaitSource'],
      missing: without('KaitSource'),
      wrongType: [],
      reason,
    });
    expect(fake.added).toHaveLength(attempts);
  });

  it('are created as far as there is room', async () => {
    const full = vi
      .fn()
      .mockReturnValueOnce(undefined)
      .mockReturnValueOnce(undefined)
      .mockImplementation(fail(3, 'full'));
    expect(await ensureSearchAttributes(services({ add: full }).services, 'shop')).toEqual({
      ...{
        usable: ['KaitDefinition', 'KaitSource'],
        missing: without('KaitDefinition', 'KaitSource'),
        wrongType: [],
        reason: 'full',
      },
    });
  });

  it('are usable if another server creates them at the same time', async () => {
    const fake = services({ add: fail(6, 'already exists') });
    expect(await ensureSearchAttributes(fake.services, 'shop')).toMatchObject({
      usable: all,
      missing: [],
      reason: null,
    });
  });

  it('are not used if they have another type', async () => {
    const fake = services({ list: () => ({ ...allThere, KaitEntity: text, KaitAmount: keyword }) });
    expect(await ensureSearchAttributes(fake.services, 'shop')).toEqual({
      ...{
        usable: without('KaitEntity', 'KaitAmount'),
        missing: [],
        wrongType: ['KaitEntity', 'KaitAmount'],
        reason: null,
      },
    });
    expect(fake.added).toEqual([]);
  });

  it('are found by queries if Kait may not list them', async () => {
    const count = (query: string) => {
      expect(query).toMatch(/^Kait\w+ = 'kait'$|^KaitAmount = 0$/);
      return query.startsWith('KaitEntity') ? fail(3, 'invalid search attribute')() : undefined;
    };
    const fake = services({ list: denied, add: denied, count });
    expect(await ensureSearchAttributes(fake.services, 'shop')).toEqual({
      ...{ usable: without('KaitEntity'), missing: ['KaitEntity'], wrongType: [], reason: 'Request unauthorized.' },
    });
  });

  it('are all counted as missing if Kait may neither list nor create nor query', async () => {
    const fake = services({ list: denied, add: denied, count: denied });
    expect(await ensureSearchAttributes(fake.services, 'shop')).toMatchObject({ usable: [], missing: all });
  });

  it.each([
    ['is away', fail(14, 'connection refused')],
    ['does not answer in time', fail(4, 'deadline exceeded')],
    ['does not know the namespace', fail(5, 'Namespace shop is not found.')],
    ['does not know who Kait is', fail(16, 'Invalid API key')],
  ])('are unknown while Temporal %s', async (_what, answer) => {
    await expect(ensureSearchAttributes(services({ list: answer }).services, 'shop')).rejects.toThrow();
    await expect(ensureSearchAttributes(services({ add: answer }).services, 'shop')).rejects.toThrow();
  });
});

describe('keeping the search attributes', () => {
  const missing = {
    missing: ['KaitEntity', 'KaitAmount'],
    wrongType: [],
    reason: 'Request unauthorized.',
    commands: [
      'temporal operator search-attribute create --namespace shop --type Keyword --name KaitEntity',
      'temporal operator search-attribute create --namespace shop --type Int --name KaitAmount',
      'tcld namespace search-attributes add --namespace shop --search-attribute KaitEntity=Keyword --search-attribute KaitAmount=Int',
    ],
  };

  it('names the commands that create what is missing, once, and takes them up when they appear', async () => {
    let present: Record<string, number> = Object.fromEntries(
      without('KaitEntity', 'KaitAmount').map((name) => [name, keyword]),
    );
    const log = { info: vi.fn(), warn: vi.fn() };
    const fake = services({ list: () => present, add: denied });
    const kept = keepSearchAttributes({ services: fake.services, namespace: 'shop', log });
    expect(kept.describe()).toEqual({ state: 'unknown' });
    await kept.ensure();
    await kept.ensure();
    expect(log.warn.mock.calls).toEqual([[missing, 'search attributes are missing; runs start without them']]);
    expect(kept.describe()).toEqual({ state: 'incomplete', ...missing });
    expect([...kept.usable()]).toEqual(without('KaitEntity', 'KaitAmount'));

    present = allThere;
    await kept.ensure();
    expect(log.info.mock.calls).toEqual([[{ usable: all }, 'search attributes are complete']]);
    expect(kept.describe()).toEqual({ state: 'complete' });
    expect([...kept.usable()]).toEqual(all);
  });

  it('looks again by itself, also after Temporal was away', async () => {
    const list = vi
      .fn<() => Record<string, number>>()
      .mockImplementationOnce(fail(14, 'away'))
      .mockReturnValue(allThere);
    const log = { info: vi.fn(), warn: vi.fn() };
    const kept = keepSearchAttributes({ services: services({ list }).services, namespace: 'shop', log, everyMs: 1 });
    kept.start();
    await expect.poll(() => kept.describe()).toEqual({ state: 'complete' });
    await kept.stop();
  });
});
