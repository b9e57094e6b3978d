import { describe, expect, it } from 'vitest';
import { showReplay, showReplays, startReplay, steerReplay } from '../../../cli/commands/replays.ts';
import { whoAmI } from '../../../cli/who-am-i.ts';
import { fakeApi } from '../fake-api.ts';

const replay = {
  ...{ id: 'rpl_1', tenant: null, state: 'running', missing: false, states: ['exhausted', 'refused'] },
  ...{ endpoint: 'ep_1', type: null, since: '2026-01-01T00:00:00.000Z', until: null, total: 200, done: 100, sent: 98 },
  ...{ requestedBy: 'ana', reason: 'the shop was down', requestedAt: '2026-01-02T00:00:00.000Z', endedAt: null },
  ...{ lastError: null, run: 'kait-1/kait-replay/kait/rpl_1' },
};
const groups = [
  { endpoint: 'ep_1', type: 'order.paid', count: 150 },
  { endpoint: 'ep_1', type: 'order.\u001b[2Jrefunded', count: 50 },
];
const asked = { id: 'rpl_1', total: 200, groups, run: replay.run };
const nothing = () => undefined;

describe('kait deliveries replay', () => {
  it('says what is sent again, and how to follow and stop it', async () => {
    const { api, asked: sent } = fakeApi(asked);
    const options = { endpoint: 'ep_1', type: 'order.*', since: '2026-01-01T00:00:00.000Z', reason: 'it was down' };
    const text = await startReplay(api, options, nothing);
    expect(text).toMatch(/^150 +order.paid +ep_1$/m);
    expect(text).not.toContain('\u001b[2J');
    expect(text).toContain('200 are sent again, the oldest first. Replay rpl_1');
    expect(text).toContain('kait deliveries replays show rpl_1');
    expect(sent).toEqual([['POST /replays', { ...options, missing: false, dryRun: false, by: whoAmI() }]]);
  });

  it('counts for a dry run, which needs no reason', async () => {
    const { api, asked: sent } = fakeApi({ ...asked, id: null, run: null, total: 260 });
    const text = await startReplay(api, { endpoint: 'ep_1', missing: true, dryRun: true }, nothing);
    expect(text).toContain('… and 60 more.');
    expect(text).toContain('260 would be sent again, less what its filter leaves out. Without --dry-run, they are.');
    expect(sent).toMatchObject([['POST /replays', { missing: true, dryRun: true, reason: 'dry run' }]]);
  });

  it('says that nothing matches', async () => {
    const { api } = fakeApi({ id: null, total: 0, groups: [], run: null });
    expect(await startReplay(api, { endpoint: 'ep_1', reason: 'x' }, nothing)).toMatch(/^No webhook matches/);
  });

  it('waits until it has ended, and shows its progress', async () => {
    const done = { ...replay, state: 'completed', done: 200, sent: 198, endedAt: '2026-01-02T00:01:00.000Z' };
    const { api } = fakeApi(asked, done);
    const lines: string[] = [];
    const text = await startReplay(api, { endpoint: 'ep_1', reason: 'x', wait: true }, (line) => lines.push(line));
    expect(lines.at(-1)).toBe('200 of 200 (100 %), 198 sent again');
    expect(text).toContain('state     completed');
  });

  it.each([
    [{ reason: 'x' }, /--since <time> or --endpoint/],
    [{ since: '2026-01-01T00:00:00.000Z' }, /--reason/],
    [{ missing: true, since: '2026-01-01T00:00:00.000Z', reason: 'x' }, /--missing needs --endpoint/],
    [{ missing: true, endpoint: 'e', state: ['refused' as const], reason: 'x' }, /--state does not go with --missing/],
  ])('asks for what is needed: %j', async (options, message) => {
    const { api, asked: sent } = fakeApi(asked);
    await expect(startReplay(api, options, nothing)).rejects.toThrow(message);
    expect(sent).toEqual([]);
  });
});

describe('kait deliveries replays', () => {
  it('lists them with their progress', async () => {
    const { api, asked: sent } = fakeApi({ items: [replay], next: null });
    expect(await showReplays(api, { limit: 20, utc: true })).toMatch(
      /^2026-01-02 00:00:00Z +running +100 of 200 +98 +exhausted or refused, to ep_1, since .+ana +the shop was down +rpl_1$/m,
    );
    expect(sent).toEqual(['GET /replays?limit=20']);
  });

  it('says how to make one if there is none', async () => {
    expect(await showReplays(fakeApi({ items: [], next: null }).api, { limit: 20 })).toContain('replay --help');
  });

  it('shows one', async () => {
    const { api } = fakeApi({ ...replay, lastError: 'Temporal is away' });
    expect((await showReplay(api, 'rpl_1', { utc: true })).split('\n')).toEqual([
      'rpl_1',
      '  state     running',
      '  progress  100 of 200 (50 %), 98 sent again',
      '  which     exhausted or refused, to ep_1, since 2026-01-01T00:00:00.000Z',
      '  asked for 2026-01-02 00:00:00Z by ana: the shop was down',
      '  ended     -',
      '  problem   Temporal is away',
      '  run       kait-1/kait-replay/kait/rpl_1',
    ]);
  });

  it.each([
    ['pause' as const, 'rpl_1 is paused. 100 of 200 are done.'],
    ['resume' as const, 'rpl_1 goes on. 100 of 200 are done.'],
    ['cancel' as const, 'rpl_1 is canceled. Webhooks already resent stay sent. 100 of 200 are done.'],
  ])('%s', async (verb, text) => {
    const { api, asked: sent } = fakeApi(replay);
    expect(await steerReplay(api, 'rpl_1', verb, { reason: 'load' })).toBe(text);
    expect(sent).toEqual([[`POST /replays/rpl_1/${verb}`, { reason: 'load', by: whoAmI(), via: 'cli' }]]);
  });
});
