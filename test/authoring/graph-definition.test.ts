import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graphDefinition } from '../../authoring/graph-definition.ts';
import type { Definition, Step, UndoAction } from '../../language/definition.ts';
import { runRules } from './run-rules.ts';

/** The lines between the head and the classes, without indentation. */
const graph = (steps: Step[], on: Definition['on'] = { event: 'payment.succeeded' }) => {
  const lines = graphDefinition({ name: 'paid', on, steps }, runRules).split('\n');
  expect(lines.slice(0, 1)).toEqual(['flowchart TD']);
  expect(lines.slice(-3)).toEqual([
    '  classDef undo stroke-dasharray: 4 4',
    '  classDef failure stroke:#c0392b,stroke-width:2px',
    '',
  ]);
  return lines.slice(1, -3).map((line) => line.trim());
};
const start = 'n1(["paid<br/>payment.succeeded"])';
const set = (id: string): Step => ({ id, set: { a: 1 } });

describe('a chart', () => {
  it('shows the trigger, the steps in order and the end', () => {
    expect(graph([set('a'), { id: 'b', title: 'Second', call: 'mail.send' }])).toEqual([
      start,
      'n2("a<br/>set a")',
      'n3["b: Second<br/>call mail.send"]',
      'n4(["done"])',
      'n1 --> n2',
      'n2 --> n3',
      'n3 --> n4',
    ]);
  });

  it('shows the guard and the sources of the trigger, and a definition that is run', () => {
    const on = { event: ['a.b', 'c.d'], source: 'stripe', if: { '>': [{ var: 'event.payment.amount' }, 0] } };
    expect(graph([set('a')], on)[0]).toBe('n1(["paid<br/>a.b, c.d from stripe<br/>if event.payment.amount #62; 0"])');
    expect(graph([set('a')], 'run')[0]).toBe('n1(["paid<br/>run by another definition"])');
  });

  it('shows the task queue of an activity of another program, and the settings that a step reads', () => {
    const undo = { http: '{{settings.undoUrl}}/points', method: 'DELETE' } as const;
    const points: Step = { id: 'a', call: 'points.add', with: { points: '{{settings.points}}' }, undo };
    expect(graph([points])[1]).toBe('n2["a<br/>call points.add<br/>task queue points-python<br/>settings: points"]');
  });

  it('leads past a step whose guard does not hold', () => {
    expect(graph([{ id: 'a', if: { var: 'vars.x' }, emit: 'order.created' }])).toEqual([
      start,
      'n2{"vars.x?"}',
      'n3>"a<br/>emit order.created"]',
      'n4(["done"])',
      'n1 --> n2',
      'n2 -->|"yes"| n3',
      'n3 --> n4',
      'n2 -->|"no"| n4',
    ]);
  });

  it('has no end if no path leads to it', () => {
    expect(graph([{ id: 'a', stop: 'enough' }])).toEqual([start, 'n2(["a<br/>stop enough"])', 'n1 --> n2']);
  });
});

describe('each verb', () => {
  /** Without the trigger and the edges to it and to the end. */
  const drawn = (step: Step) =>
    graph([step]).filter((line) => line !== start && !line.includes('n1 ') && !line.includes('done"]'));

  it('call, with what undoes it', () => {
    expect(drawn({ id: 'a', call: 'orders.create', undo: { http: 'https://x.example', method: 'DELETE' } })).toEqual([
      'n2["a<br/>call orders.create<br/>database"]',
      'n3["http DELETE https://x.example"]',
      'class n3 undo',
      'n2 -.->|"undo"| n3',
      'n2 --> n4',
    ]);
  });

  it.each<[string, Step, string]>([
    ['by default', { id: 'a', http: 'https://x.example', undo: { http: 'https://x.example' } }, 'undo, in doubt too'],
    ['not', { id: 'a', http: 'https://x.example', undo: { http: 'https://x.example' }, undoWhen: 'done' }, 'undo'],
    [
      'if it says so',
      { id: 'a', emit: 'x.y', undo: { http: 'https://x.example' }, undoWhen: 'maybe' },
      'undo, in doubt too',
    ],
  ])('a step that is undone in doubt %s', (_what, step, label) => {
    expect(drawn(step)).toContain(`n2 -.->|"${label}"| n3`);
  });

  it.each<[string, UndoAction, string]>([
    ['a body', { http: 'https://x.example', body: { id: 1 } }, 'http POST https://x.example'],
    ['no body', { http: 'https://x.example' }, 'http GET https://x.example'],
    ['a method', { http: 'https://x.example', method: 'PUT', body: {} }, 'http PUT https://x.example'],
  ])('an undo by http with %s shows the method that the run sends', (_what, undo, label) => {
    expect(drawn({ id: 'a', emit: 'order.created', undo })).toContain(`n3["${label}"]`);
  });

  it.each<[string, Step, string]>([
    [
      'http',
      { id: 'a', http: 'https://x.example/{{event.id}}' },
      'n2["a<br/>http GET https://x.example/{{event.id}}"]',
    ],
    ['run', { id: 'a', run: 'other', detach: true }, 'n2[["a<br/>run other, detached"]]'],
    ['wait', { id: 'a', wait: '24h' }, 'n2[/"a<br/>wait 24h"/]'],
    [
      'waitFor, which fails by default',
      { id: 'a', waitFor: 'x.y', timeout: '1h' },
      'n2[/"a<br/>waitFor x.y within 1h<br/>no event in time: fails"/]',
    ],
    [
      'approve, with its words',
      { id: 'a', approve: 'Sure?', timeout: '1h', onTimeout: 'continue' },
      'n2[/"a<br/>approve Sure? within 1h<br/>rejected: fails<br/>no answer: continues"\\]',
    ],
  ])('%s', (_what, step, expected) => {
    expect(drawn(step)).toEqual([expected, 'n2 --> n3']);
  });

  it('waitFor and approve, with steps for a rejection and for no answer', () => {
    expect(drawn({ id: 'a', waitFor: 'x.y', timeout: '1h', onTimeout: [set('b')] })).toEqual([
      'n2[/"a<br/>waitFor x.y within 1h"/]',
      'n3("b<br/>set a")',
      'n2 -.->|"after 1h"| n3',
      'n2 --> n4',
      'n3 --> n4',
    ]);
    expect(drawn({ id: 'a', approve: 'Sure?', timeout: '1h', onReject: [set('b')], onTimeout: [set('c')] })).toEqual([
      'n2[/"a<br/>approve Sure? within 1h"\\]',
      'n3("b<br/>set a")',
      'n4("c<br/>set a")',
      'n2 -->|"rejected"| n3',
      'n2 -.->|"no answer after 1h"| n4',
      'n2 -->|"approved"| n5',
      'n3 --> n5',
      'n4 --> n5',
    ]);
  });

  it('parallel, with fork and join', () => {
    expect(drawn({ id: 'a', join: 'first', parallel: [set('b'), { ...set('c'), if: false }] })).toEqual([
      'n2{{"a<br/>parallel first"}}',
      'n3("b<br/>set a")',
      'n4{"false?"}',
      'n5("c<br/>set a")',
      'n6(("first"))',
      'n2 --> n3',
      'n2 --> n4',
      'n4 -->|"yes"| n5',
      'n3 --> n6',
      'n5 --> n6',
      'n4 -->|"no"| n6',
      'n6 --> n7',
    ]);
  });

  it('forEach, back to its head', () => {
    const loop = { in: '{{vars.lines}}', as: 'line', concurrency: 5, onItemError: [set('c')] };
    expect(drawn({ id: 'a', forEach: loop, do: [set('b')] })).toEqual([
      'n2{{"a<br/>for each line of vars.lines<br/>5 at once"}}',
      'n3("b<br/>set a")',
      'n4("c<br/>set a")',
      'n2 -->|"each"| n3',
      'n2 -.->|"item fails"| n4',
      'n3 --> n2',
      'n4 --> n2',
      'n2 -->|"done"| n5',
    ]);
  });

  it('while, back to its head', () => {
    expect(drawn({ id: 'a', while: { '!': { var: 'vars.x' } }, max: 3, do: [set('b')] })).toEqual([
      'n2{{"a<br/>while at most 3 times<br/>while not vars.x"}}',
      'n3("b<br/>set a")',
      'n2 -->|"yes"| n3',
      'n3 --> n2',
      'n2 -->|"no"| n4',
    ]);
  });

  it('if, with and without else', () => {
    expect(drawn({ id: 'a', if: { var: 'vars.x' }, then: [set('b')], else: [set('c')] }).slice(3)).toEqual([
      'n2 -->|"yes"| n3',
      'n2 -->|"no"| n4',
      'n3 --> n5',
      'n4 --> n5',
    ]);
    expect(drawn({ id: 'a', if: { var: 'vars.x' }, then: [set('b')] }).slice(2)).toEqual([
      'n2 -->|"yes"| n3',
      'n3 --> n4',
      'n2 -->|"no"| n4',
    ]);
  });

  it('switch, with a way for each case', () => {
    const cases = [
      { when: { var: 'vars.x' }, do: [set('b')] },
      { when: { var: 'vars.y' }, do: [{ id: 'c', fail: 'no', type: 'Refused' }] as Step[] },
    ];
    expect(drawn({ id: 'a', switch: cases })).toEqual([
      'n2{"a"}',
      'n3("b<br/>set a")',
      'n4(["c<br/>fail no<br/>type Refused"])',
      'class n4 failure',
      'n2 -->|"vars.x"| n3',
      'n2 -->|"vars.y"| n4',
      'n3 --> n5',
      'n2 -->|"otherwise"| n5',
    ]);
  });

  it('try, in a frame, whose handlers and end lead away from it', () => {
    const step: Step = {
      id: 'a',
      try: [set('b')],
      catch: [{ errors: ['X', 'Y'], do: [set('c')] }, { do: [set('d')] }],
      finally: [set('e')],
    };
    expect(drawn(step)).toEqual([
      'subgraph n2["a (try)"]',
      'n3("b<br/>set a")',
      'end',
      'n4("c<br/>set a")',
      'n5("d<br/>set a")',
      'n6("e<br/>set a")',
      'n2 -.->|"X, Y"| n4',
      'n2 -.->|"any error"| n5',
      'n3 --> n6',
      'n4 --> n6',
      'n5 --> n6',
      'n2 -.->|"in any case"| n6',
      'n6 --> n7',
    ]);
  });

  it('do, as the steps that it holds', () => {
    expect(drawn({ id: 'a', do: [set('b'), set('c')] })).toEqual([
      'n2("b<br/>set a")',
      'n3("c<br/>set a")',
      'n2 --> n3',
      'n3 --> n4',
    ]);
  });
});

/* The lines that the chart may consist of: no text of an author can be anything but the inside of a label. */
const label = '"(?:[^"#<>&`%;\\\\\\n]|#\\d+;|<br/>)*"';
const grammar = new RegExp(
  `^ *(?:flowchart TD|end|subgraph n\\d+\\[${label}\\]|class n\\d+ (?:undo|failure)|classDef (?:undo|failure) [\\w:#,\\- ]+` +
    `|n\\d+(?:\\[\\[|\\[/|\\[|\\(\\[|\\(\\(|\\(|\\{\\{|\\{|>)${label}(?:\\]\\]|/\\]|\\\\\\]|\\]|\\]\\)|\\)\\)|\\)|\\}\\}|\\})` +
    `|n\\d+ (?:-->|-\\.->)(?:\\|${label}\\|)? n\\d+)$`,
);

it('keeps hostile texts inside their labels, and refers to no node that is not there', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary-ascii' }),
    fc.constantFrom('end', '"]\nclick n1 "javascript:x"', '%%{init: {}}%%', '`a`', '<b>', '#34;', '\u2028\u202e'),
  );
  fc.assert(
    fc.property(hostile, (text) => {
      const steps: Step[] = [
        { id: 'end', title: text, if: { '==': [{ var: text }, text] }, call: text, undo: { emit: text } },
        {
          id: 't',
          try: [{ id: 'f', fail: text, type: text }],
          catch: [{ errors: [text], do: [{ id: 'a', approve: text, timeout: text }] }],
        },
        {
          id: 's',
          title: text,
          switch: [{ when: text, do: [{ id: 'w', waitFor: [text], timeout: text, onTimeout: [set(text)] }] }],
        },
        { id: 'l', forEach: { in: text, as: text }, do: [{ id: 'h', http: text }] },
      ];
      const lines = graphDefinition({ name: text, on: { event: text, source: [text], if: text }, steps }, runRules)
        .trimEnd()
        .split('\n');
      expect(lines.filter((line) => !grammar.test(line))).toEqual([]);
      const named = new Set(lines.map((line) => /^ *(?:subgraph )?(n\d+)[^ \d]/.exec(line)?.[1]));
      const ends = lines.flatMap((line) => /^ *(n\d+) -.* (n\d+)$/.exec(line)?.slice(1) ?? []);
      expect(ends).toHaveLength(30);
      expect(ends.filter((name) => !named.has(name))).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

it('shows deadlines with what follows them, quorums, and what comes after undoing', () => {
  const group: Step = { id: 'g', deadline: '1h', onTimeout: [set('late')], do: [set('a')] };
  const offers: Step = { id: 'o', deadline: '2h', join: { count: 1 }, parallel: [set('b'), set('c')] };
  const definition: Definition = {
    name: 'paid',
    on: 'run',
    deadline: '1d',
    onTimeout: 'continue',
    steps: [group, offers],
    afterUndo: [set('sorry')],
  };
  expect(
    graphDefinition(definition, runRules)
      .split('\n')
      .slice(1, 20)
      .map((line) => line.trim()),
  ).toEqual([
    'n1(["paid<br/>run by another definition<br/>not done within 1d: continues"])',
    'n2{{"g<br/>do within 1h"}}',
    'n3("a<br/>set a")',
    'n4("late<br/>set a")',
    'n5{{"o<br/>parallel 1 of 2<br/>not done within 2h: fails"}}',
    'n6("b<br/>set a")',
    'n7("c<br/>set a")',
    'n8(("1 of 2"))',
    'n9(["done"])',
    'n10(["failed and undone"])',
    'class n10 failure',
    'n11("sorry<br/>set a")',
    'n1 --> n2',
    'n2 --> n3',
    'n2 -.->|"after 1h"| n4',
    'n3 --> n5',
    'n4 --> n5',
    'n5 --> n6',
    'n5 --> n7',
  ]);
});
