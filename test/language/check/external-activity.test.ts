import { expect, it } from 'vitest';
import { readExternalActivity } from '../../../language/check/external-activity.ts';
import { taskQueueProblem } from '../../../language/external-activity.ts';
import { formatFindings } from '../../../language/finding.ts';

const sound = {
  name: 'points.add',
  taskQueue: 'points-python',
  input: {
    type: 'object',
    properties: { points: { type: 'integer' } },
    required: ['points'],
    additionalProperties: false,
  },
  output: { type: 'object', properties: { balance: { type: 'integer' } } },
};

const read = (file: object | string) => {
  const text = typeof file === 'string' ? file : JSON.stringify(file, null, 2);
  const around = { fileName: 'points.add', isTaken: (name: string) => name === 'outbound.emit' };
  const { activity, findings } = readExternalActivity({ file: 'activities/points.add.json', text }, around);
  return {
    activity,
    findings,
    told: findings.map(({ code, line, column, message }) => `${line}:${column} ${code} ${message}`),
  };
};

it('reads what an activity of another language is', () => {
  const { activity, told } = read({
    ...sound,
    timeout: '20s',
    heartbeat: '5s',
    retry: { attempts: 3 },
    money: true,
    undoable: false,
  });
  expect(told).toEqual([]);
  expect(activity).toEqual({
    ...{
      name: 'points.add',
      title: 'points.add',
      taskQueue: 'points-python',
      input: sound.input,
      output: sound.output,
    },
    limits: { timeout: '20s', heartbeat: '5s', retry: { attempts: 3 } },
    money: true,
    undoable: false,
  });
});

it.each<[string, object | string, string[]]>([
  ['text that is no JSON', '{', ['1:2 KAIT1001 Expected a closing "}".']],
  ['a list', '[]', ['1:1 KAIT1103 The description of an activity must be an object.']],
  ['a name that is none', { ...sound, name: 'Points!' }, ['2:11 KAIT1109 "Points!" is not a name of an activity.']],
  ['a name of Kait', { ...sound, name: 'outbound.emit' }, ['2:11 KAIT1109 "outbound.emit" is a name of Kait’s own.']],
  [
    'the name of another file',
    { ...sound, name: 'points.sub' },
    ['2:11 KAIT1109 The activity in points.add.json is named "points.sub".'],
  ],
  [
    'a task queue of Kait',
    { ...sound, taskQueue: 'kait-7f3qa2-large' },
    [
      '3:16 KAIT1712 The task queue "kait-7f3qa2-large" is a task queue of Kait’s own workers, which would not know the activity.',
    ],
  ],
  [
    'a task queue of Temporal',
    { ...sound, taskQueue: '/_sys/points/1' },
    ['3:16 KAIT1712 The task queue "/_sys/points/1" is a name that Temporal keeps for itself.'],
  ],
  [
    'a task queue with a blank',
    { ...sound, taskQueue: 'a b' },
    [
      '3:16 KAIT1712 The task queue "a b" has characters that are not allowed: use letters, digits, -, _, ., :, @ and /.',
    ],
  ],
  [
    'a heartbeat that is never missed',
    { ...sound, timeout: '5s', heartbeat: '10s' },
    ['25:16 KAIT1118 "heartbeat" is longer than "timeout", so a missed heartbeat would never be noticed.'],
  ],
  [
    'an input that is no object',
    { ...sound, input: { type: 'string' } },
    ['4:12 KAIT1711 The schema of the input must have "type": "object".'],
  ],
  [
    'an input that takes anything else',
    { ...sound, input: { type: 'object' } },
    [
      '4:12 KAIT1711 The schema of the input must have "additionalProperties": false, so that a misspelled name in a definition is caught.',
    ],
  ],
  [
    'a keyword that is not supported',
    { ...sound, output: { type: 'object', minProperites: 1 } },
    ['18:5 KAIT1711 The schema of the output: "minProperites" is not supported.'],
  ],
  [
    'a reference to another address',
    { ...sound, output: { type: 'object', properties: { a: { $ref: 'https://shop.example/a.json' } } } },
    [
      '20:17 KAIT1711 The schema of the output: "$ref" must begin with "#/": a reference leads to a part of the same schema, never to another file or address.',
    ],
  ],
  [
    'a reference without an end',
    { ...sound, output: { type: 'object', properties: { a: { $ref: '#/properties/a' } } } },
    ['20:17 KAIT1711 The schema of the output: "$ref" "#/properties/a" leads back to itself without end.'],
  ],
  [
    'a pattern that looks ahead',
    { ...sound, output: { type: 'object', properties: { a: { pattern: '(?=a)' } } } },
    [
      '20:20 KAIT1711 The schema of the output: "pattern" looks around or names a group, which is not supported; use (…) or (?:…).',
    ],
  ],
  [
    'a schema that is too long',
    { ...sound, output: { type: 'object', description: 'x'.repeat(17_000) } },
    ['16:13 KAIT1711 The schema of the output has more than 16384 characters as JSON.'],
  ],
])('reports %s at its place', (_what, file, told) => {
  expect(read(file).told).toEqual(told);
  expect(read(file).activity).toBeNull();
});

it('shows the place with a hint', () => {
  const text = JSON.stringify({ ...sound, output: { type: 'object', minProperites: 1 } });
  const { findings } = read(text);
  expect(formatFindings({ file: 'activities/points.add.json', text, findings })).toContain(
    'Did you mean "minProperties"?',
  );
});

it.each([
  ['shop', true],
  ['shop-large', true],
  ['shop-deliveries', true],
  ['shop-points', false],
])('knows whether %s is a task queue of the installation shop', (name, isOwn) => {
  expect(taskQueueProblem(name, 'shop') !== undefined).toBe(isOwn);
});
