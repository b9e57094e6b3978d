import { expect, it } from 'vitest';
import { builtInActivities } from '../../activities/built-in-activities.ts';
import type { JsonFile } from '../../json-files.ts';
import { readSecretBindings } from '../../language/check/secrets-file.ts';
import { checkText } from '../../server/load-definitions.ts';
import { chooseFromFolder, type LastGood, type ServedDefinitions } from '../../server/serve-definitions.ts';

interface Text {
  name: string;
  on?: unknown;
  run?: string;
  emit?: string;
  template?: string;
}

function text({ name, on = { event: 'payment.succeeded' }, run, emit = 'order.paid', template }: Text): string {
  const mail = { id: 'mail', call: 'mail.send', with: { to: 'a@shop.example', template } };
  const step = template !== undefined ? mail : run !== undefined ? { id: 'a', run } : { id: 'a', emit };
  return JSON.stringify({ name, on, steps: [step] });
}

const faulty = (given: Text) => text(given).replace('"steps"', '"stepz"');

function file(name: string, content: string): JsonFile {
  return { file: `/definitions/workflows/${name}`, text: content, problem: null };
}

/** As if a server had served the text under this name before. */
function before(name: string, content: string): LastGood {
  const { loaded } = checkText(file(name, content), { activities: builtInActivities });
  return { file: name, hash: loaded!.hash, definition: loaded!.definition };
}

type Settings = Parameters<typeof chooseFromFolder>[2]['settings'];

function chooseWith(settings: Settings, files: JsonFile[], lastGood: LastGood[] = []) {
  return chooseFromFolder({ files }, lastGood, { activities: builtInActivities, settings });
}

/** Mails that need no values. */
const mailsOf = (names: string[]) => new Map(names.map((name) => [name, []]));

function choose(files: JsonFile[], lastGood: LastGood[] = [], mailTemplates: string[] = ['receipt']) {
  return shown(
    chooseFromFolder({ files }, lastGood, { activities: builtInActivities, mailTemplates: mailsOf(mailTemplates) }),
  );
}

/** What runs, by the types that the definitions emit or what they run; which files have a mistake; who waits. */
function shown({ definitions, faulty: mistakes, awaited, current, files }: ServedDefinitions) {
  return {
    served: definitions.map(({ definition: { name, steps } }) => [name, ...steps.map(describeStep)].join(' ')),
    faulty: mistakes.map(({ file: name, lastGood }) => `${name} ${lastGood.length}`),
    awaited,
    current: current.map((each) => each.file),
    files,
  };
}

function describeStep(step: object): string {
  return Object.entries(step)
    .filter(([key]) => ['emit', 'run', 'call'].includes(key))
    .map(([key, value]) => `${key} ${String(value)}`)
    .join();
}

it('serves sound files as they are', () => {
  expect(choose([file('a.json', text({ name: 'a' })), file('b.json', text({ name: 'b' }))])).toEqual({
    served: ['a emit order.paid', 'b emit order.paid'],
    faulty: [],
    awaited: [],
    current: ['a.json', 'b.json'],
    files: ['a.json', 'b.json'],
  });
});

it('serves the last good version of a file with a mistake, and the other files as they are', () => {
  const files = [file('a.json', faulty({ name: 'a', emit: 'order.new' })), file('b.json', text({ name: 'b' }))];
  expect(choose(files, [before('a.json', text({ name: 'a', emit: 'order.old' }))])).toEqual({
    served: ['a emit order.old', 'b emit order.paid'],
    faulty: ['a.json 1'],
    awaited: [],
    current: ['b.json'],
    files: ['a.json', 'b.json'],
  });
});

it.each<[what: string, content: string, types: string[] | null]>([
  ['is not JSON', '{', null],
  ['is not an object', '[]', null],
  ['has no trigger', '{"name": "a", "steps": []}', null],
  ['has two triggers', '{"on": {"event": "payment.failed"}, "on": {"event": "payment.succeeded"}}', null],
  ['has a misspelt trigger', faulty({ name: 'a', on: { event: 'payment.suceeded' } }), null],
  ['has a mistake in the list of its trigger', faulty({ name: 'a', on: { event: ['payment.failed', 7] } }), null],
  ['has a sound trigger', faulty({ name: 'a', on: { event: 'payment.failed' } }), ['payment.failed']],
  [
    'has a trigger with several types',
    faulty({ name: 'a', on: { event: ['payment.failed', 'invoice.paid'] } }),
    ['payment.failed', 'invoice.paid'],
  ],
  ['only another definition runs', faulty({ name: 'a', on: 'run' }), []],
])('lets the events wait that may be for a new file which %s', (_what, content, types) => {
  expect(choose([file('a.json', content), file('b.json', text({ name: 'b' }))])).toMatchObject({
    served: ['b emit order.paid'],
    faulty: ['a.json 0'],
    awaited: [{ file: 'workflows/a.json', types }],
  });
});

it('lets all events wait for a new file that cannot be read', () => {
  const unreadable = {
    file: '/definitions/workflows/a.json',
    text: '',
    problem: 'Kait may not read the file (EACCES).',
  };
  const served = chooseFromFolder({ files: [unreadable] }, [], { activities: builtInActivities });
  expect(served.awaited).toEqual([{ file: 'workflows/a.json', types: null }]);
  expect(served.faulty[0]!.problem).toContain('a.json:1:1 error KAIT1005 Kait may not read the file (EACCES).');
});

it('serves the one of two files with the same name that had it before', () => {
  const original = text({ name: 'a' });
  const files = [file('a.json', original), file('copy.json', original)];
  expect(choose(files, [before('a.json', original)])).toEqual({
    served: ['a emit order.paid'],
    faulty: ['a.json 1', 'copy.json 0'],
    awaited: [{ file: 'workflows/copy.json', types: ['payment.succeeded'] }],
    current: [],
    files: ['a.json', 'copy.json'],
  });
  expect(choose(files)).toMatchObject({ served: [], faulty: ['a.json 0', 'copy.json 0'] });
});

it('serves no circle, but what was served before it was closed', () => {
  const files = [
    file('a.json', text({ name: 'a', run: 'b' })),
    file('b.json', text({ name: 'b', on: 'run', run: 'a' })),
    file('c.json', text({ name: 'c' })),
  ];
  expect(choose(files)).toMatchObject({ served: ['c emit order.paid'], faulty: ['a.json 0', 'b.json 0'] });
  const open = [before('a.json', text({ name: 'a', run: 'b' })), before('b.json', text({ name: 'b', on: 'run' }))];
  expect(choose(files, open)).toMatchObject({
    served: ['a run b', 'b emit order.paid', 'c emit order.paid'],
    faulty: ['a.json 1', 'b.json 1'],
  });
});

it('runs the last good version of a child, and holds back a parent whose child has none', () => {
  const parent = file('parent.json', text({ name: 'parent', run: 'child' }));
  const child = file('child.json', faulty({ name: 'child', on: 'run' }));
  const whole = before('child.json', text({ name: 'child', on: 'run' }));
  const options = { activities: builtInActivities };
  const [served] = chooseFromFolder({ files: [child, parent] }, [whole], options).definitions.slice(-1);
  expect(served!.children.child!.definitionHash).toBe(whole.hash);

  expect(choose([child, parent])).toMatchObject({
    served: [],
    faulty: ['child.json 0', 'parent.json 0'],
    awaited: [
      { file: 'workflows/child.json', types: [] },
      { file: 'workflows/parent.json', types: ['payment.succeeded'] },
    ],
  });
  // A version from before the parent ran the child does without it.
  expect(choose([child, parent], [before('parent.json', text({ name: 'parent' }))])).toMatchObject({
    served: ['parent emit order.paid'],
  });
});

it('serves nothing that sends a secret where secrets.json does not let it', () => {
  const headers = { 'x-key': { secret: 'KAIT_SECRET_SHOP' } };
  const asking = JSON.stringify({
    ...{ name: 'a', on: { event: 'payment.succeeded' } },
    steps: [{ id: 'ask', http: 'https://api.shop.example/', headers }],
  });
  const chosen = (secretsText: string) => {
    const secrets = readSecretBindings({ file: 'secrets.json', text: secretsText }).bindings ?? undefined;
    const files = [file('a.json', asking), file('b.json', text({ name: 'b' }))];
    const { definitions, awaited } = chooseFromFolder({ files }, [before('a.json', asking)], {
      activities: builtInActivities,
      secrets,
    });
    return [definitions.map(({ definition }) => definition.name), awaited.map((each) => each.file)];
  };
  expect(chosen('{}')).toEqual([['b'], ['workflows/a.json']]);
  expect(chosen('{ "KAIT_SECRET_SHOP": { "hosts": ["evil.test"] } }')).toEqual([['b'], ['workflows/a.json']]);
  expect(chosen('{ "KAIT_SECRET_SHOP": { "hosts": ["api.shop.example"] } }')).toEqual([['a', 'b'], []]);
});

it('serves nothing that names a mail template which is gone', () => {
  const mailing = text({ name: 'a', template: 'receipt' });
  expect(choose([file('a.json', mailing)], [before('a.json', mailing)], [])).toMatchObject({
    served: [],
    faulty: ['a.json 0'],
    awaited: [{ file: 'workflows/a.json', types: ['payment.succeeded'] }],
  });
  const silent = text({ name: 'a' });
  expect(choose([file('a.json', mailing)], [before('a.json', silent)], [])).toMatchObject({
    served: ['a emit order.paid'],
  });
});

it('serves no last good version in which this Kait finds a mistake', () => {
  const outdated = { ...before('a.json', text({ name: 'a' })), definition: { name: 'a' } as LastGood['definition'] };
  expect(choose([file('a.json', '{')], [outdated])).toMatchObject({ served: [], faulty: ['a.json 0'] });
});

it('forgets a file that is gone', () => {
  const files = [file('b.json', text({ name: 'b' }))];
  expect(choose(files, [before('a.json', text({ name: 'a' }))])).toEqual({
    served: ['b emit order.paid'],
    faulty: [],
    awaited: [],
    current: ['b.json'],
    files: ['b.json'],
  });
});

it('serves on what was served before if the folder cannot be read', () => {
  const problem = 'The folder /definitions/workflows cannot be read (ENOENT).';
  const choice = (lastGood: LastGood[]) =>
    shown(chooseFromFolder({ problem }, lastGood, { activities: builtInActivities, mailTemplates: new Map() }));
  expect(choice([before('a.json', text({ name: 'a' })), before('b.json', text({ name: 'b' }))])).toEqual({
    served: ['a emit order.paid', 'b emit order.paid'],
    faulty: [' 2'],
    awaited: [],
    current: [],
    files: null,
  });
  expect(choice([])).toEqual({
    served: [],
    faulty: [' 0'],
    awaited: [{ file: 'workflows', types: null }],
    current: [],
    files: null,
  });
});

it('runs nothing of a folder that has become empty, and lets events wait', () => {
  expect(choose([], [before('a.json', text({ name: 'a' }))])).toEqual({
    served: [],
    faulty: [' 0'],
    awaited: [{ file: 'workflows', types: null }],
    current: [],
    files: null,
  });
  expect(choose([])).toEqual({ served: [], faulty: [], awaited: [], current: [], files: [] });
});

const reading = text({ name: 'reading', emit: 'order.paid' }).replace(
  '"emit"',
  '"if":{"var":"settings.tellsShop"},"emit"',
);
const plain = text({ name: 'plain' });

it('gives a definition the values of the settings if it, or one that it runs, reads any', () => {
  const settings = { types: { tellsShop: 'boolean' as const }, values: { tellsShop: true } };
  const files = [
    file('reading.json', reading),
    file('plain.json', plain),
    file('parent.json', text({ name: 'parent', run: 'reading' })),
  ];
  const { definitions } = chooseWith(settings, files);
  expect(definitions.map(({ definition, settings: values }) => [definition.name, values])).toEqual([
    ['reading', { tellsShop: true }],
    ['plain', undefined],
    ['parent', { tellsShop: true }],
  ]);
});

it('lets events wait for the definitions that read settings while the settings cannot be read', () => {
  const problem = 'definitions/settings.json:1:1 error KAIT1001';
  const files = [file('reading.json', reading), file('plain.json', plain)];
  const served = chooseWith({ problem }, files, [before('reading.json', reading)]);
  expect(shown(served)).toMatchObject({
    served: ['plain emit order.paid'],
    faulty: ['reading.json 0'],
    awaited: [{ file: 'workflows/reading.json', types: ['payment.succeeded'] }],
  });
  expect(served.faulty[0]?.problem).toContain(`error KAIT1602 ${problem}`);
});
