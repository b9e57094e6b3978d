import { expect, it } from 'vitest';
import { gatewayActivities } from '../../activities/gateway/gateway-activities.ts';
import { checkDefinition } from '../../language/check.ts';
import { confirmStep } from '../../server/confirm-step.ts';

it('has an id that no step of a definition can have, and is otherwise a step like any other', () => {
  const findingsOf = (step: object) => {
    const text = JSON.stringify({ name: 'demo', on: { event: 'payment.succeeded' }, steps: [step] });
    const { findings } = checkDefinition({ text, file: 'demo.json', activities: gatewayActivities });
    return findings.map(({ pointer, code }) => `${code} ${pointer}`);
  };
  expect(findingsOf({ ...confirmStep, id: 'confirm' })).toEqual([]);
  expect(findingsOf(confirmStep)).toEqual(['KAIT1109 /steps/0/id']);
});
