import { describe, expect, it } from 'vitest';
import type { ApproveStep } from '../../language/definition.ts';
import type { ScriptEntry } from '../../simulator/script.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { runDefinition } from './run-definition.ts';

/* The simulator asks people as the server does: `test/server/approvals` says the same of a real Temporal. */

const ok = (more: Partial<ApproveStep> = {}): ApproveStep => ({ id: 'ok', approve: 'Go on?', timeout: '1d', ...more });
const says = (at: string, by: string, more: object = {}): ScriptEntry => ({
  at,
  decide: { step: 'ok', approved: true, by, ...more },
});
const finance = { roles: ['finance'] };

async function asked(step: ApproveStep, script: ScriptEntry[], continueEvery = Infinity) {
  const steps = [ok({ ...step, onReject: 'continue', onTimeout: 'continue' })];
  const { output, refused, endedAt } = await runDefinition(
    { steps, output: '{{steps.ok}}' },
    { script, continueEvery },
  );
  const answers = (output as { answers: { by: string }[] } | null)?.answers.map(({ by }) => by) ?? null;
  return { answers, endedAt, refused: refused.map(({ at, reason }) => [at, reason]) };
}

describe('an answer', () => {
  it('of enough different people decides', async () => {
    const script = [says('+1h', 'ana'), says('+2h', ' ANA '), says('+3h', 'budi')];
    expect(await asked(ok({ by: { min: 2 } }), script)).toEqual({
      answers: ['ana', 'budi'],
      endedAt: '+3h',
      refused: [['+2h', 'Step "ok": This person has answered already. The first answer counts.']],
    });
  });

  it('counts with the role that the test gives the person', async () => {
    const script = [says('+1h', 'ana'), says('+2h', 'budi', { roles: ['support'] }), says('+3h', 'tono', finance)];
    const { answers, refused } = await asked(ok({ by: finance }), script);
    expect(answers).toEqual(['tono']);
    expect(refused.map(([at]) => at)).toEqual(['+1h', '+2h']);
  });

  it('of the requester does not count', async () => {
    const by = { requester: '{{event.id}}', notRequester: true };
    const steps = [ok({ by, onTimeout: 'continue' })];
    const event = sampleEvent({ id: 'sari' });
    const { refused, status } = await runDefinition({ steps }, { event, script: [says('+1h', 'Sari')] });
    expect([status, refused.map(({ reason }) => reason)]).toEqual([
      'completed',
      ['Step "ok": Whoever asked for it must not answer.'],
    ]);
  });

  it('needs its reason', async () => {
    const script = [says('+1h', 'ana', { reason: ' ' }), says('+2h', 'ana', { reason: 'seen' })];
    expect(await asked(ok({ reason: 'required' }), script)).toMatchObject({
      answers: ['ana'],
      refused: [['+1h', 'Step "ok": This step needs a reason.']],
    });
  });

  it('with no decides at once', async () => {
    const script = [says('+1h', 'ana'), says('+2h', 'budi', { approved: false }), says('+3h', 'tono')];
    expect(await asked(ok({ by: { min: 3 } }), script)).toMatchObject({ answers: ['ana', 'budi'], endedAt: '+2h' });
  });

  it('is not lost, nor counted twice, when the run continues as new after each step', async () => {
    const script = [says('+1h', 'ana'), says('+1h', 'ana'), says('+2h', 'budi')];
    expect(await asked(ok({ by: { min: 2 } }), script, 1)).toMatchObject({ answers: ['ana', 'budi'], endedAt: '+2h' });
  });

  it('that comes too late changes nothing', async () => {
    expect(
      await asked(ok({ by: { min: 2 }, timeout: '1h' }), [says('+30m', 'ana'), says('+2h', 'budi')]),
    ).toMatchObject({
      answers: null,
      endedAt: '+1h',
      refused: [['+2h', 'The run had ended by then.']],
    });
  });
});
