import { expect, it } from 'vitest';
import { coveredStates } from '../../console/pages/playground/covered-states.ts';

const words = { inTests: (tests: number) => `in ${tests}` };
const step = (id: string, tests: number | null, branches: boolean[] = []) => ({
  ...{ step: id, line: 1, tests },
  branches: branches.map((isCovered, index) => ({ what: `case ${index}`, line: 1, isCovered })),
});

it('colours a step that tests run, by whether they take all its branches', () => {
  const steps = [step('whole', 2, [true, true]), step('half', 1, [true, false]), step('never', 0), step('child', null)];
  expect(coveredStates(steps, words)).toEqual(
    new Map([
      ['whole', { tone: 'ok', label: 'in 2' }],
      ['half', { tone: 'warn', label: 'in 1' }],
    ]),
  );
});

it('colours nothing before the tests have run', () => {
  expect(coveredStates(null, words)).toBeUndefined();
});
