import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostedRun } from '../../workflows/temporal-host.ts';
import { sampleEvent } from '../sample-event.ts';
import { openApprovalWorld, type ApprovalWorld } from './approval-world.ts';

/* Who may answer, and what is kept, on a real Temporal and PGlite. Every task replays. */

let world: ApprovalWorld;
beforeAll(async () => {
  world = await openApprovalWorld();
});
afterAll(() => world.stop());

const counts = (decided: boolean | null, approvals: number, needed: number) => ({
  kind: 'counts',
  ...{ decided, approvals, needed },
});
const refused = (refusal: string) => ({ kind: 'refused', refusal, message: expect.any(String) });

describe('an answer', () => {
  it('counts, and who gave it, when, why and from where is kept', async () => {
    const { run, asked } = await world.ask({
      by: { roles: ['finance'] },
      details: { Order: '{{event.payment.orderId}}' },
    });
    expect(asked).toMatchObject({ state: 'open', definition: 'hosted', step: 'ok', answers: [] });
    const given = { by: ' ANA', reason: 'fine', via: 'cli' as const, address: '127.0.0.1' };
    expect(await world.answer(asked, given)).toEqual(counts(true, 1, 1));
    expect(await run.handle.result()).toMatchObject({ approved: true, by: ' ANA', reason: 'fine' });
    expect(await world.find(run)).toMatchObject({
      state: 'approved',
      answers: [{ by: ' ANA', approved: true, reason: 'fine', via: 'cli', address: '127.0.0.1' }],
    });
  });

  it('of several different people is needed with "min", and one person counts once however the name is written', async () => {
    const { run, asked } = await world.ask({ by: { min: 2, roles: ['finance'] } });
    expect(await world.answer(asked, { by: 'ana' })).toEqual(counts(null, 1, 2));
    expect(await world.answer(asked, { by: 'Ana ' })).toEqual(refused('already-decided'));
    const after = await world.find(run);
    expect(await world.answer(after ?? asked, { by: 'aNA' })).toEqual(refused('already-decided'));
    expect(await world.answer(after ?? asked, { by: 'tono' })).toEqual(counts(true, 2, 2));
    expect(await run.handle.result()).toMatchObject({
      approved: true,
      by: 'tono',
      answers: [{ by: 'ana' }, { by: 'tono' }],
    });
  });

  it('with no rejects at once, whatever others have said', async () => {
    const { run, asked } = await world.ask({ by: { min: 3, roles: ['finance'] }, onReject: 'continue' });
    await world.answer(asked, { by: 'ana' });
    expect(await world.answer(asked, { by: 'budi', approved: false, reason: 'fraud' })).toMatchObject({
      decided: false,
    });
    expect(await run.handle.result()).toMatchObject({ approved: false, by: 'budi', reason: 'fraud' });
    expect(await world.find(run)).toMatchObject({ state: 'rejected' });
    expect(await world.answer(asked, { by: 'tono' })).toEqual(refused('not-waiting'));
  });

  it.each([
    ['somebody without the role', { roles: ['finance'] }, 'sari', 'not-permitted'],
    ['somebody unknown', { roles: ['finance'] }, 'mallory', 'not-permitted'],
    ['the requester', { requester: 'ANA', notRequester: true }, 'ana', 'is-requester'],
    [
      'the requester, known by the mail address',
      { requester: 'Ana@Shop.example', notRequester: true },
      'ana',
      'is-requester',
    ],
    ['somebody who is not named', { people: ['sari'] }, 'ana', 'not-permitted'],
  ])('of %s does not count, neither by Kait nor by Temporal itself', async (_who, by, person, refusal) => {
    const { run, asked } = await world.ask({ by });
    expect(await world.answer(asked, { by: person })).toEqual(refused(refusal));
    await expect(
      run.handle.executeUpdate('decide', { args: [{ step: 'ok', approved: true, by: person }] }),
    ).rejects.toMatchObject({ cause: { type: 'DecisionRefused', details: [{ refusal }] } });
    expect(await world.find(run)).toMatchObject({ state: 'open', answers: [] });
    await run.handle.terminate();
  });

  it('without a reason does not count where one is required', async () => {
    const { asked, run } = await world.ask({ reason: 'required' });
    expect(await world.answer(asked, { by: 'ana', reason: ' ' })).toEqual(refused('reason-missing'));
    expect(await world.answer(asked, { by: 'ana', reason: 'seen' })).toEqual(counts(true, 1, 1));
    await run.handle.result();
  });

  it('sent by Temporal itself counts and is kept as such, but cannot say that it came by a link', async () => {
    const { run } = await world.ask({ by: { roles: ['finance'] } });
    const origin = { via: 'mail', address: '203.0.113.9', link: 'a'.repeat(64), seal: 'b'.repeat(64) };
    const decision = { step: 'ok', approved: true, by: 'ana' };
    await expect(run.handle.executeUpdate('decide', { args: [{ ...decision, origin }] })).rejects.toMatchObject({
      cause: { details: [{ refusal: 'forged' }] },
    });
    await run.handle.executeUpdate('decide', { args: [decision] });
    expect(await run.handle.result()).toMatchObject({ approved: true });
    expect(await world.find(run)).toMatchObject({ answers: [{ by: 'ana', via: 'temporal', address: null }] });
  });
});

describe('of answers at the same time', () => {
  it('one of a person counts, whichever ways they take', async () => {
    const { run, asked } = await world.ask({ by: { min: 2 } });
    const direct = run.handle.executeUpdate('decide', { args: [{ step: 'ok', approved: true, by: 'ana' }] }).then(
      () => 'counts',
      () => 'refused',
    );
    const others = Array.from({ length: 5 }, (_, index) =>
      world.answer(asked, { by: 'ana', via: index % 2 === 0 ? 'cli' : 'api' }).then(({ kind }) => kind),
    );
    const kinds = await Promise.all([direct, ...others]);
    expect(kinds.filter((kind) => kind === 'counts')).toEqual(['counts']);
    expect(await world.find(run)).toMatchObject({ state: 'open', answers: [{ by: 'ana' }] });
    await run.handle.terminate();
  });

  it('no more count than decide the step', async () => {
    const { run, asked } = await world.ask({ by: { min: 3 } });
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, index) => world.answer(asked, { by: `person-${index}` })),
    );
    expect(outcomes.filter(({ kind }) => kind === 'counts')).toHaveLength(3);
    const result = (await run.handle.result()) as { answers: unknown[] };
    expect(result.answers).toHaveLength(3);
    expect((await world.find(run))?.answers).toHaveLength(3);
  });
});

describe('a question', () => {
  it('is closed when nobody answers in time, and late answers say so', async () => {
    const { run, asked } = await world.ask({ timeout: '300ms', onTimeout: 'continue' });
    expect(await run.handle.result()).toBeNull();
    expect(await world.find(run)).toMatchObject({ state: 'timed-out' });
    expect(await world.answer(asked, { by: 'ana' })).toEqual(refused('not-waiting'));
  });

  it('is closed when its run is canceled or was terminated', async () => {
    const canceled = await world.ask();
    await canceled.run.handle.cancel();
    await expect(canceled.run.handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
    expect(await world.find(canceled.run)).toMatchObject({ state: 'ended' });
    const terminated = await world.ask();
    await terminated.run.handle.terminate();
    expect(await world.answer(terminated.asked, { by: 'ana' })).toEqual(refused('not-waiting'));
    expect(await world.find(terminated.run)).toMatchObject({ state: 'ended' });
  });

  it('of a parked step that is retried is asked anew', async () => {
    const steps = [{ id: 'ok', approve: 'Go on?', timeout: '1h' }];
    const run = await world.host.start({ onFail: 'park', steps, output: '{{steps.ok}}' });
    await expect.poll(() => world.find(run)).toMatchObject({ state: 'open' });
    const first = await world.find(run);
    await world.answer(first as never, { by: 'ana', approved: false });
    await expect.poll(async () => (await run.progress()).ok?.status).toBe('parked');
    await run.handle.executeUpdate('retry', { args: [{ step: 'ok' }] });
    await expect.poll(() => world.find(run)).toMatchObject({ state: 'open', round: 1, answers: [] });
    const second = await world.find(run);
    expect(await world.answer(second as never, { by: 'ana' })).toEqual(counts(true, 1, 1));
    expect(await run.handle.result()).toMatchObject({ approved: true, by: 'ana' });
  });

  it('fails if the requester who must not answer is unknown', async () => {
    const ok = { id: 'ok', approve: 'Go?', timeout: '1h', by: { requester: '{{event.tenant}}', notRequester: true } };
    const run = await world.host.start({ steps: [ok] }, { event: { tenant: null } });
    const failure: unknown = await run.handle.result().catch((error: unknown) => error);
    expect(failure).toMatchObject({
      cause: { type: 'ExpressionFailed', message: 'Step "ok": "requester" must give the id of a person, got "null"' },
    });
  });

  it('goes on waiting, and keeps its answers, when the run continues as new', async () => {
    const { run, asked } = await world.ask({ by: { min: 2 } });
    await world.answer(asked, { by: 'ana' });
    await flood(run);
    await expect.poll(async () => (await run.handle.describe()).runId).not.toBe(run.handle.firstExecutionRunId);
    const after = (await world.find(run)) ?? asked;
    expect(await world.answer({ ...after, answers: [] }, { by: 'ana' })).toEqual(refused('already-decided'));
    expect(await world.answer(after, { by: 'budi' })).toEqual(counts(true, 2, 2));
    expect(await run.handle.result()).toMatchObject({ answers: [{ by: 'ana' }, { by: 'budi' }] });
  }, 60_000);
});

/** More than a run takes before it continues as new. */
async function flood({ handle }: HostedRun): Promise<void> {
  const id = randomUUID();
  for (let sent = 0; sent < 40; sent += 1) {
    await handle.signal('event', sampleEvent({ id: `${id}-${sent}`, data: 'x'.repeat(90_000) }));
  }
}
