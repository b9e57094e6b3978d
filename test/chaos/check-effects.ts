import { countByKey, expectOneEach } from './expect-one-each.ts';
import type { ArrivedEffect, Facts, SentEvent } from './facts.ts';
import { askedPeople } from './operator.ts';
import { given, wayOf } from './steering.ts';

type Hold = Extract<ArrivedEffect, { kind: 'hold' }>;
type Release = Extract<ArrivedEffect, { kind: 'release' }>;
type Note = Extract<ArrivedEffect, { kind: 'note' }>;

/** Labels of an `order-parcels`; see `definitions/workflows`. */
const labels = Array.from({ length: 20 }, (_, index) => `label ${index}`);

/** What the `http` steps did: each effect under one key, and an undo of exactly those whose runs failed or were canceled. */
export function checkEffects({ arrivedEffects }: Facts, owed: SentEvent[]): string[] {
  const holds = arrivedEffects.filter((effect): effect is Hold => effect.kind === 'hold');
  const releases = arrivedEffects.filter((effect): effect is Release => effect.kind === 'release');
  const notes = arrivedEffects.filter((effect): effect is Note => effect.kind === 'note');
  const nameOfHold = ({ reference, parcel }: Hold) => (parcel === undefined ? reference : `${reference} ${parcel}`);
  const nameOfNote = ({ reference, what }: Note) => `${reference} ${what}`;
  return [
    ...expectOneEach('hold', oncePerKey(holds).map(nameOfHold), owed.flatMap(holdsOf)),
    ...expectOneEach(
      'note',
      oncePerKey(notes).map(nameOfNote),
      owed.flatMap((event) => notesOf(event, owed)),
    ),
    ...checkReleases(holds, releases, new Map(owed.map((event) => [event.reference, event]))),
  ];
}

function holdsOf({ kind, reference }: SentEvent): string[] {
  if (kind === 'parcels') return [`${reference} lost`, `${reference} kept`];
  return isHold(kind) ? [reference] : [];
}

function notesOf({ kind, reference }: SentEvent, owed: SentEvent[]): string[] {
  if (kind === 'awaits') {
    const payments = owed.filter((event) => event.kind === 'pays' && event.reference === reference);
    return payments.map(({ id }) => `${reference} paid ${id}`);
  }
  if (kind === 'parcels') {
    return ['caught ChildCanceled', 'kept shipped', ...labels].map((what) => `${reference} ${what}`);
  }
  if (kind === 'mends') return [`${reference} went on with ${given[wayOf(reference)]}`];
  if (kind === 'moves') return [`${reference} is to be moved`, `${reference} went on with the new definition`];
  if (kind === 'rescued') return [`${reference} booked`, `${reference} went on with ${given.retry}`];
  if (kind === 'asks') return askedPeople.map((person) => `${reference} approved by ${person}`);
  return isHold(kind) ? [`${reference} finally`] : [];
}

const isHold = (kind: SentEvent['kind']) => kind === 'late' || kind === 'fails' || kind === 'holds';

function checkReleases(holds: Hold[], releases: Release[], sent: Map<string, SentEvent>): string[] {
  const keyOf = ({ key }: Release) => key;
  const held = new Set(holds.map(({ requestKey }) => requestKey));
  const undone = oncePerKey(holds).filter((hold) => mustBeUndone(hold, sent.get(hold.reference)));
  const firstRelease = new Map(releases.toReversed().map(({ key, atMs }) => [key, atMs]));
  return [
    // What may have arrived is undone, even if nothing has.
    ...expectOneEach(
      'undo',
      oncePerKey(releases.filter(({ key, inDoubt }) => held.has(key) || !inDoubt)).map(keyOf),
      undone.map(({ requestKey }) => requestKey),
    ),
    ...[...countByKey(oncePerKey(releases).map(keyOf))]
      .filter(([key, count]) => count > 1 && !held.has(key))
      .map(([key, count]) => `${key}: undo ${count} times`),
    ...releases
      .filter(({ reference, inDoubt }) => sent.get(reference)?.kind === 'late' && !inDoubt)
      .map(({ reference }) => `${reference}: undone as if its answer had come`),
    ...holds
      .filter(({ requestKey, atMs }) => atMs > (firstRelease.get(requestKey) ?? Infinity))
      .map(({ reference }) => `${reference}: held after its undo`),
  ];
}

function mustBeUndone({ parcel }: Hold, event: SentEvent | undefined): boolean {
  return event?.kind === 'late' || event?.kind === 'fails' || parcel === 'lost';
}

/** The first of each idempotency key: its receiver ignores the others. */
function oncePerKey<Effect extends ArrivedEffect>(effects: Effect[]): Effect[] {
  return [...new Map(effects.toReversed().map((effect) => [effect.requestKey, effect])).values()].toReversed();
}
