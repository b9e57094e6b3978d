import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventSchema } from '../../language/event.ts';
import type { JsonObject } from '../../language/json.ts';
import { stepVerbs, type StepVerb } from '../../language/commands.ts';
import { readDecision, readEvent, readRunCommand, readStepCommand } from '../../workflows/messages.ts';
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

describe('a command about a step', () => {
  it.each<[StepVerb, object]>([
    ['retry', { step: 'pay' }],
    ['skip', { step: 'pay/3', by: 'ana', reason: 'the shop is closed' }],
    ['setResult', { step: 'pay', result: { id: 'ord_1', lines: [1, null] } }],
    ['setResult', { step: 'pay', result: null, by: null, reason: null }],
    ['editInput', { step: 'pay', input: {} }],
    ['retry', { step: 'pay', origin: { via: 'cli', address: '::1', seal: 'a'.repeat(64) } }],
  ])('may be %s %o', (verb, command) => {
    expect(readStepCommand(verb, [command])).toEqual({ message: { ...command, verb } });
  });

  it.each<[what: string, verb: StepVerb, command: unknown, fault: string]>([
    ['about no step', 'retry', {}, '"step" is missing'],
    ['for a step that is a number', 'retry', { step: 1 }, '"step" must be a step\'s id, got a number'],
    ['a result without one', 'setResult', { step: 'pay' }, '"result" is missing'],
    [
      'a retry with a result',
      'retry',
      { step: 'pay', result: 1 },
      'The command has the unknown member "result"; it takes step, by, reason, origin',
    ],
    [
      'a retry that says its own verb',
      'retry',
      { step: 'pay', verb: 'skip' },
      'The command has the unknown member "verb"; it takes step, by, reason, origin',
    ],
    [
      'a result of 2 MB',
      'setResult',
      { step: 'pay', result: 'a'.repeat(2_000_000) },
      '"result" has more than 262144 characters as JSON',
    ],
    [
      'a result of many small parts',
      'setResult',
      { step: 'pay', result: Array(200_000).fill(null) },
      '"result" has more than 262144 characters as JSON',
    ],
    [
      'a result that is deep',
      'setResult',
      { step: 'pay', result: deep(65) },
      '"result" is nested more than 64 levels deep',
    ],
    ['a result with bytes in it', 'setResult', { step: 'pay', result: [new Uint8Array(1)] }, '"result" must be JSON'],
    ['a result that is undefined', 'setResult', { step: 'pay', result: undefined }, '"result" must be JSON'],
    ['an input that is a list', 'editInput', { step: 'pay', input: [] }, '"input" must be an object'],
    ['an input that is null', 'editInput', { step: 'pay', input: null }, '"input" must be an object'],
    [
      'of an origin with more than it may say',
      'skip',
      { step: 'pay', origin: { via: 'mail', address: null, seal: 'a'.repeat(64) } },
      '"origin.via" must be "api" or "cli", got a text',
    ],
  ])('is not %s', (_what, verb, command, fault) => {
    expect(readStepCommand(verb, [command])).toMatchObject({ fault: expect.stringContaining(`${fault}. Write {`) });
  });

  it('is refused or of the right form, whatever is sent', () => {
    fc.assert(
      fc.property(fc.constantFrom(...stepVerbs), fc.array(fc.anything(), { maxLength: 2 }), (verb, args) => {
        expect(Object.keys(readStepCommand(verb, args))).toEqual(['fault']);
      }),
    );
  });
});

describe('a command about a run', () => {
  it('needs no argument', () => {
    expect(readRunCommand('pause', [])).toEqual({ message: { verb: 'pause' } });
    expect(readRunCommand('resume', [{ by: 'ana', reason: 'mended' }])).toEqual({
      message: { verb: 'resume', by: 'ana', reason: 'mended' },
    });
  });

  it.each([
    ['null', [null], 'The command must be an object, got null'],
    ['true', [true], 'The command must be an object, got true or false'],
    ['twice', [{}, {}], 'Expected one argument, the command, got 2'],
    ['about a step', [{ step: 'pay' }], 'The command has the unknown member "step"; it takes by, reason, origin'],
  ])('is not %s', (_what, args, fault) => {
    expect(readRunCommand('pause', args)).toEqual({
      fault: `${fault}. Write {"by": "ana", "reason": "optional"}, or nothing`,
    });
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
