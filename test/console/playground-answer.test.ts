import { beforeAll, describe, expect, it } from 'vitest';
import { createCatalogue } from '../../activities/catalogue.ts';
import { workbenchOf } from '../../cli/compose/workbench.ts';
import { createAnswerer } from '../../console/pages/playground/worker/answer.ts';
import type { Answers, Bench, Kind, Questions } from '../../console/pages/playground/worker/protocol.ts';
import { noEventTypes } from '../../language/event-types.ts';

const bench = JSON.parse(
  JSON.stringify(
    workbenchOf({
      activities: { catalogue: createCatalogue() },
      ...{ definitions: [], eventTypes: noEventTypes, settings: { types: {}, values: {} }, settingDefaults: {} },
    }),
  ),
) as Bench;
const answer = createAnswerer();
let id = 0;

async function ask<Asked extends Kind>(kind: Asked, what: Questions[Asked]): Promise<Answers[Asked]> {
  return (await answer({ id: (id += 1), kind, what })) as Answers[Asked];
}

beforeAll(() => ask('bench', bench));

const draft = (steps: unknown[], more: object = {}) =>
  JSON.stringify({ name: 'paid', on: { event: 'payment.succeeded' }, steps, ...more });

it('knows every activity of Kait as the server told it', async () => {
  const receipt = {
    ...{ id: 'receipt', call: 'mail.send' },
    with: { to: 'a@shop.example', template: 'receipt', values: {} },
  };
  const { findings } = await ask('check', { text: draft([receipt]) });
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  const found = await ask('check', { text: draft([{ id: 'a', call: 'mail.sent' }]) });
  expect(found.findings.map(({ code }) => code)).toEqual(['KAIT1401']);
});

it('simulates what the draft does, with the events that come later', async () => {
  const text = draft([
    { id: 'pause', wait: '2h' },
    { id: 'refund', waitFor: 'payment.refunded', timeout: '1d', onTimeout: 'continue' },
  ]);
  const later = '[{ "at": "+3h", "event": { "type": "payment.refunded" } }]';
  const simulated = await ask('simulate', { text, event: null, answers: '{}', later });
  expect(simulated).toMatchObject({ kind: 'ran', simulation: { status: 'completed', endedAt: '+3h' } });
});

it('says where the mistake is', async () => {
  const text = draft([{ id: 'a', set: { b: 1 } }]);
  const wrong = { text, event: null, answers: '{"nobody": 1}', later: '[]' };
  expect(await ask('simulate', wrong)).toMatchObject({ kind: 'mistakes', where: 'answers' });
  expect(await ask('simulate', { ...wrong, answers: '{}', event: { type: 1 } })).toMatchObject({ where: 'event' });
  expect(await ask('simulate', { ...wrong, text: '{' })).toMatchObject({ where: 'draft' });
});

it('tells why an event starts nothing', async () => {
  const text = draft([{ id: 'a', set: { b: 1 } }]);
  const given = { text, event: { type: 'payment.failed' }, answers: '{}', later: '[]' };
  expect(await ask('simulate', given)).toMatchObject({
    ...{ kind: 'not-triggered', because: 'the type payment.failed is not payment.succeeded' },
  });
});

describe('a hostile draft', () => {
  it.each([
    ['a megabyte', `"${'x'.repeat(1_000_000)}"`],
    ['deep nesting', '['.repeat(50_000)],
    ['__proto__ as a step', draft([{ id: '__proto__', set: { a: 1 } }])],
    ['__proto__ as a key', '{"__proto__": {"steps": []}, "name": "constructor"}'],
    ['nothing', ''],
    ['null', 'null'],
  ])('of %s is told as findings', async (_what, text) => {
    const { definition, findings } = await ask('check', { text });
    expect(definition).toBeNull();
    expect(findings).not.toEqual([]);
  });
});

it('ends a draft that does too much, and says so', async () => {
  const list = Array.from({ length: 150 }, (_, index) => index);
  const inner = { id: 'inner', forEach: { in: list, as: 'b' }, do: [{ id: 'c', set: { a: 1 } }] };
  const text = draft([{ id: 'outer', forEach: { in: list, as: 'a' }, do: [inner] }]);
  const simulated = await ask('simulate', { text, event: null, answers: '{}', later: '[]' });
  expect(simulated).toMatchObject({
    simulation: { status: 'stuck', stuckAt: ['more than 20000 steps'], isCutOff: true },
  });
});
