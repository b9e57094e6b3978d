import { expect, it } from 'vitest';
import { createReport } from '../../../language/check/report.ts';
import type { Definition } from '../../../language/definition.ts';
import { checkStepPath } from '../../../simulator/definition-tests/check-context.ts';

const ship: Definition = { name: 'ship', on: 'run', steps: [{ id: 'parcel', call: 'http.request' }] };
const definition: Definition = {
  name: 'demo',
  on: 'run',
  steps: [
    { id: 'order', call: 'orders.create', undo: { call: 'orders.cancel' } },
    { id: 'each', forEach: { in: [] }, do: [{ id: 'send', run: 'ship' }] },
    { id: 'other', run: 'nowhere' },
  ],
};
/** What the path names, and the findings about it. */
const at = (path: string) => {
  const report = createReport('demo.test.json', '{}', undefined);
  const found = checkStepPath(path, { path: [] }, { report, definition, children: { ship }, activities: {} });
  return { found, findings: report.findings() };
};

it.each([
  ['order', 'order', false],
  ['order/undo', 'order', true],
  ['send/3', 'send', false],
  ['send/parcel', 'parcel', false],
  ['send/3/parcel', 'parcel', false],
])('%s names a step', (path, id, undo) => {
  expect(at(path)).toMatchObject({ found: { step: { id }, undo }, findings: [] });
});

it.each([
  ['ordr', 'The definition "demo" has no step "ordr".', 'Did you mean "order"?'],
  ['nothing', 'The definition "demo" has no step "nothing".', 'The steps are: order, each, send, other.'],
  ['', 'The definition "demo" has no step "".', 'The steps are: order, each, send, other.'],
  ['send/parsel', 'The definition "ship" has no step "parsel".', 'Did you mean "parcel"?'],
  ['each/undo', 'Step "each" has no "undo" below it.', 'Only a step that declares "undo" can be undone.'],
  ['each/send', 'Step "each" has no "send" below it.', 'Only "run" steps have steps below them.'],
  ['other/parcel', 'The definition "nowhere" was not found.', undefined],
])('%s names no step', (path, message, hint) => {
  const { found, findings } = at(path);
  expect(found).toBeUndefined();
  expect(findings.map((finding) => [finding.code, finding.message, finding.hint])).toEqual([
    ['KAIT1202', message, hint],
  ]);
});
