import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runSimulate } from '../../../cli/commands/simulate.ts';
import { validate } from '../../../cli/commands/validate.ts';
import { activitiesOnly, workflowJsonSchema } from '../../../language/json-schema.ts';
import { openActivities } from '../../../cli/activities/open-activities.ts';
import { ownProject, pointsDefinition, pointsSource } from './own-project.ts';

const workflow = 'definitions/workflows/add-points.json';
const right = { member: '{{event.payment.customer.id}}', points: 5 };

async function written(
  run: (write: (text: string) => void) => Promise<number>,
): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  const code = await run((text) => void lines.push(text));
  return { code, text: lines.join('\n') };
}

const validated = ({ definitions }: { definitions: string }) =>
  written((write) => validate({ paths: [], json: false, definitions }, write));

it('checks what a step passes to an activity of the project, at its place', async () => {
  const project = await ownProject({
    'activities/points.ts': pointsSource,
    [workflow]: pointsDefinition({ membr: 'm-1', points: 'many' }),
  });
  const { code, text } = await validated(project);
  expect(code).toBe(1);
  expect(text).toContain('add-points.json:1:108 error KAIT1402 points.add requires the input "member".');
  expect(text).toContain('points.add does not accept this "points": invalid input: expected number, received string.');
  expect(text).toMatch(/points\.add has no input "membr"\.[^]*Did you mean "member"\?/);
  expect(text).toContain('Checked 1 definition and 1 activity: mistakes in 1 definition.');
});

it('finds nothing wrong in a project whose definitions call its activities rightly', async () => {
  const project = await ownProject({ 'activities/points.ts': pointsSource, [workflow]: pointsDefinition(right) });
  expect(await validated(project)).toEqual({ code: 0, text: 'Checked 1 definition and 1 activity: no mistakes.' });
});

it('says what takes the place of an activity of Kait’s, and what is turned off', async () => {
  const project = await ownProject({
    'package.json': '{ "kait": { "off": ["cashback.grant"] } }',
    'activities/orders.ts': pointsSource.replace('points.add', 'orders.create'),
    [workflow]: pointsDefinition(right).replace('points.add', 'cashback.grant'),
  });
  const { code, text } = await validated(project);
  expect(code).toBe(1);
  expect(text).toContain('activities/orders.ts takes the place of orders.create, which comes with Kait.');
  expect(text).toMatch(
    /KAIT1401 There is no activity "cashback\.grant" in this project\.[^]*package\.json turns it off/,
  );
});

it('checks a file of its own, with the mistake at its place', async () => {
  const { folder } = await ownProject({ 'activities/points.ts': `${pointsSource}oops(` });
  const { code, text } = await written((write) =>
    validate({ paths: [join(folder, 'activities/points.ts')], json: false, definitions: '/nowhere' }, write),
  );
  expect(code).toBe(1);
  expect(text).toMatch(/activities\/points\.ts:14:6 error KAIT1701 Unexpected end of file/);
});

it('simulates a run that calls an activity of the project', async () => {
  const { folder, definitions } = await ownProject({
    'activities/points.ts': pointsSource,
    [workflow]: pointsDefinition(right),
    'event.json': '{ "payment": { "customer": { "id": "cus_1" } } }',
  });
  const { code, text } = await written((write) =>
    runSimulate(join(folder, workflow), { event: join(folder, 'event.json'), json: true }, definitions, write),
  );
  expect(code).toBe(0);
  expect(JSON.parse(text)).toMatchObject({ status: 'completed', output: { total: 1 } });
});

it('offers the activities of the project to editors, and none that is turned off', async () => {
  const { definitions } = await ownProject({
    'package.json': '{ "kait": { "off": ["cashback.grant"] } }',
    'activities/points.ts': pointsSource,
  });
  const { catalogue } = await openActivities(definitions, 'sources');
  const schema = workflowJsonSchema(activitiesOnly(catalogue.callable));
  expect(schema).toContain('"points.add"');
  expect(schema).not.toContain('cashback.grant');
});

const describedPoints = JSON.stringify({
  name: 'points.add',
  taskQueue: 'points-python',
  input: {
    type: 'object',
    properties: { member: { type: 'string', maxLength: 64 }, points: { type: 'integer', minimum: 1 } },
    required: ['member', 'points'],
    additionalProperties: false,
  },
  output: { type: 'object', properties: { total: { type: 'integer', minimum: 5 } }, required: ['total'] },
});

it('checks what a step passes to an activity of another language, at its place', async () => {
  const project = await ownProject({
    'activities/points.add.json': describedPoints,
    [workflow]: pointsDefinition({ membr: 'm-1', points: 'many' }),
  });
  const { code, text } = await validated(project);
  expect(code).toBe(1);
  expect(text).toContain('add-points.json:1:108 error KAIT1402 points.add requires the input "member".');
  expect(text).toContain('points.add does not accept this "points": expected a whole number, got a text.');
  expect(text).toMatch(/points\.add has no input "membr"\.[^]*Did you mean "member"\?/);
  expect(text).toContain('Checked 1 definition and 1 activity: mistakes in 1 definition.');
});

it('checks no value of such a step that only a run knows, and paths into its output', async () => {
  const sound = await ownProject({
    'activities/points.add.json': describedPoints,
    [workflow]: pointsDefinition(right),
  });
  expect(await validated(sound)).toEqual({ code: 0, text: 'Checked 1 definition and 1 activity: no mistakes.' });
});

it('shows a mistake in the description of an activity of another language', async () => {
  const project = await ownProject({
    'activities/points.add.json': describedPoints.replace('"minimum":5', '"minimun":5'),
    [workflow]: pointsDefinition(right),
  });
  const { code, text } = await validated(project);
  expect(code).toBe(1);
  expect(text).toContain('error KAIT1711 The schema of the output: "minimun" is not supported.');
  expect(text).toContain('Did you mean "minimum"?');
});

it('simulates a run that calls an activity of another language, with an output that its schema allows', async () => {
  const { folder, definitions } = await ownProject({
    'activities/points.add.json': describedPoints,
    [workflow]: pointsDefinition(right),
    'event.json': '{ "payment": { "customer": { "id": "cus_1" } } }',
  });
  const { code, text } = await written((write) =>
    runSimulate(join(folder, workflow), { event: join(folder, 'event.json'), json: true }, definitions, write),
  );
  expect(code).toBe(0);
  expect(JSON.parse(text)).toMatchObject({ status: 'completed', output: { total: 5 } });
});
