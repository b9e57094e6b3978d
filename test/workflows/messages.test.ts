import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventSchema } from '../../language/event.ts';
import type { JsonObject } from '../../language/json.ts';
import { readDecision, readEvent, readSteering } from '../../workflows/messages.ts';
import { sampleEvent } from '../server/sample-event.ts';

const yes = { step: 'ask', approved: true, by: 'ana' };
const event = () => structuredClone(sampleEvent()) as unknown as JsonObject;

describe('a decision', () => {
  it.each([
    ['a yes', yes],
    ['a no with a reason of two lines', { ...yes, approved: false, reason: 'too late\nsorry' }],
    ['a reason that is null', { ...yes, reason: null }],
    ['the key of a step in a loop', { ...yes, step: 'ask/3/0' }],
    ['a name in another script', { ...yes, by: 'Ана 😀' }],
  ])('may be %s', (_what, decision) => {
    expect(readDecision([decision])).toEqual({ message: decision });
  });

  it.each<[what: string, args: unknown[], fault: string]>([
    ['no argument', [], 'Expected one argument, the decision, got 0'],
    ['two arguments', [yes, yes], 'Expected one argument, the decision, got 2'],
    ['null', [null], 'The decision must be an object, got null'],
    ['a list', [[yes]], 'The decision must be an object, got a list'],
    ['a text', ['true'], 'The decision must be an object, got a text'],
    ['bytes', [new Uint8Array(3)], 'The decision must be an object, got bytes'],
    ['what could not be decoded', [undefined], 'The decision must be an object, got nothing that is JSON'],
    ['"false" for false', [{ ...yes, approved: 'false' }], '"approved" must be true or false, got a text'],
    ['1 for true', [{ ...yes, approved: 1 }], '"approved" must be true or false, got a number'],
    ['nobody', [{ step: 'ask', approved: true }], '"by" is missing'],
    ['an empty name', [{ ...yes, by: '' }], '"by" must be a name without control characters'],
    ['a blank name', [{ ...yes, by: '  ' }], '"by" must be a name without control characters'],
    ['a name with a line break', [{ ...yes, by: 'ana\nroot' }], '"by" must be a name without control characters'],
    ['a name that turns text around', [{ ...yes, by: 'ana\u202e' }], '"by" must be a name without control characters'],
    ['half a character', [{ ...yes, by: 'ana\ud800' }], '"by" must be a name without control characters'],
    ['a long name', [{ ...yes, by: 'a'.repeat(201) }], '"by" has 201 characters; at most 200 are allowed'],
    [
      'a huge reason',
      [{ ...yes, reason: 'a'.repeat(2_000_000) }],
      '"reason" has 2000000 characters; at most 2000 are allowed',
    ],
    [
      'a reason that clears the screen',
      [{ ...yes, reason: '\u001b[2J' }],
      '"reason" must be a text without control characters',
    ],
    ['a step that is an object', [{ ...yes, step: {} }], '"step" must be a step\'s id, got an object'],
    [
      'an unknown member',
      [{ ...yes, approvd: true }],
      'The decision has the unknown member "approvd"; it takes step, approved, by, reason, origin',
    ],
    [
      '__proto__',
      [JSON.parse('{"step":"ask","approved":true,"by":"a","__proto__":{"x":1}}')],
      'The decision has the unknown member "__proto__"; it takes step, approved, by, reason, origin',
    ],
    ['members of its prototype', [Object.create(yes)], '"step" is missing'],
    [
      'constructor',
      [{ ...yes, constructor: 1 }],
      'The decision has the unknown member "constructor"; it takes step, approved, by, reason, origin',
    ],
  ])('is not %s', (_what, args, fault) => {
    expect(readDecision(args)).toEqual({
      fault: `${fault}. Write {"step": "ask", "approved": true, "by": "ana", "reason": "optional"}`,
    });
  });
});

describe('a steering command', () => {
  it.each([
    ['retry', { step: 'pay', kind: 'retry' }],
    ['skip', { step: 'pay', kind: 'skip' }],
    ['a result', { step: 'pay', kind: 'result', result: { id: 'ord_1', lines: [1, null] } }],
    ['the result null', { step: 'pay', kind: 'result', result: null }],
  ])('may be %s', (_what, command) => {
    expect(readSteering([command])).toEqual({ message: command });
  });

  it.each<[what: string, command: unknown, fault: string]>([
    ['of an unknown kind', { step: 'pay', kind: 'done' }, '"kind" must be "retry" or "skip" or "result", got a text'],
    ['of no kind', { step: 'pay' }, '"kind" is missing'],
    ['a result without one', { step: 'pay', kind: 'result' }, '"result" is missing'],
    [
      'a retry with a result',
      { step: 'pay', kind: 'retry', result: 1 },
      'The command has the unknown member "result"; it takes step, kind',
    ],
    [
      'a result of 2 MB',
      { step: 'pay', kind: 'result', result: 'a'.repeat(2_000_000) },
      '"result" has more than 262144 characters as JSON',
    ],
    [
      'a result of many small parts',
      { step: 'pay', kind: 'result', result: Array(200_000).fill(null) },
      '"result" has more than 262144 characters as JSON',
    ],
    [
      'a result that is deep',
      { step: 'pay', kind: 'result', result: deep(65) },
      '"result" is nested more than 64 levels deep',
    ],
    [
      'a result with bytes in it',
      { step: 'pay', kind: 'result', result: [new Uint8Array(1)] },
      '"result" must be JSON',
    ],
    ['a result that is undefined', { step: 'pay', kind: 'result', result: undefined }, '"result" must be JSON'],
  ])('is not %s', (_what, command, fault) => {
    const forms =
      '{"step": "pay", "kind": "retry"}, "kind": "skip", or "kind": "result" with "result": the step\'s output';
    expect(readSteering([command])).toEqual({ fault: `${fault}. Write ${forms}` });
  });
});

describe('an event', () => {
  it('is an event as Kait stores it, with its data or without', () => {
    const envelope = event();
    Reflect.deleteProperty(envelope, 'data');
    expect(readEvent([event()])).toEqual({ message: event() });
    expect(readEvent([envelope])).toEqual({ message: { ...envelope, data: null } });
  });

  it.each<[what: string, event: unknown, fault: string]>([
    ['undecodable', undefined, 'The event must be an object, got nothing that is JSON'],
    ['null', null, 'The event must be an object, got null'],
    ['empty', {}, '"id" is missing'],
    ['without an id', { ...event(), id: '' }, '"id" must be a text of 1 to 1,000 characters'],
    [
      'of a type that is a number',
      { ...event(), type: 5 },
      '"type" must be a text of 1 to 1,000 characters, got a number',
    ],
    [
      'with a text as amount',
      { ...event(), payment: { ...paymentOf(event()), amount: '5' } },
      '"payment.amount" must be a whole number, got a text',
    ],
    [
      'with another member',
      { ...event(), extra: 1 },
      expect.stringContaining('The event has the unknown member "extra"; it takes id, source'),
    ],
    [
      'of 2 MB',
      { ...event(), data: { text: 'a'.repeat(2_000_000) } },
      '"data" has more than 100000 characters as JSON',
    ],
    [
      'large in all',
      { ...event(), entity: 'a'.repeat(60_000), tenant: 'b'.repeat(60_000) },
      'the event has more than 100000 characters as JSON',
    ],
    ['deep', { ...event(), data: deep(100_000) }, '"data" is nested more than 64 levels deep'],
  ])('is refused if it is %s', (_what, given, fault) => {
    expect(readEvent([given])).toEqual({ fault });
  });

  it('has the form of the event schema, whichever member is missing, null or of another type', () => {
    const paths = pathsOf(event());
    fc.assert(
      fc.property(
        fc.constantFrom(...paths),
        fc.constantFrom(null, 'x', 5, 1.5, true, {}, [], undefined),
        (path, value) => {
          const changed = event();
          setAt(changed, path, value);
          expect('message' in readEvent([changed])).toBe(eventSchema.safeParse(changed).success);
        },
      ),
      { numRuns: 500 },
    );
  });
});

function paymentOf(of: JsonObject): JsonObject {
  return of.payment as JsonObject;
}

function deep(levels: number): unknown {
  return Array.from({ length: levels }).reduce<unknown>((inner) => [inner], 1);
}

/** The paths of all members but `data`, which may be left out here, and `id`, which must not be empty here. */
function pathsOf(value: JsonObject, path: string[] = []): string[][] {
  return Object.entries(value).flatMap(([key, member]) => {
    if (key === 'data') return [];
    const own = [...path, key];
    const isInner = typeof member === 'object' && member !== null && !Array.isArray(member);
    return [own, ...(isInner ? pathsOf(member, own) : [])];
  });
}

/** Undefined removes the member. */
function setAt(root: JsonObject, path: string[], value: unknown): void {
  const owner = path.slice(0, -1).reduce<JsonObject>((at, key) => at[key] as JsonObject, root);
  const key = path.at(-1) ?? '';
  if (value === undefined) Reflect.deleteProperty(owner, key);
  else Object.assign(owner, { [key]: value });
}
