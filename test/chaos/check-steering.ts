import { runIdOf } from './expected-runs.ts';
import { expectOneEach } from './expect-one-each.ts';
import type { ArrivedEffect, Facts, SentCommand, SentEvent } from './facts.ts';
import { given, retryOf, wayOf } from './steering.ts';

type Of<Kind extends ArrivedEffect['kind']> = Extract<ArrivedEffect, { kind: Kind }>;

/**
 * What operators did: each command that was accepted is in the audit once, and nothing else is; what the audit says has happened, and no
 * more; a paused run does nothing; what a failed run undid, its retry has done again under another key; a run that waits takes the changed
 * definition once, and all end on it.
 */
export function checkSteering(facts: Facts, owed: SentEvent[]): string[] {
  const mends = owed.filter(({ kind }) => kind === 'mends');
  const rescued = owed.filter(({ kind }) => kind === 'rescued');
  const moves = new Set(owed.filter(({ kind }) => kind === 'moves').map(runIdOf));
  return [
    ...checkAudit(facts, mends, rescued, migratedRuns(facts, moves)),
    ...checkDefinitions(facts, moves),
    ...checkMended(facts, mends, rescued),
    ...mends.flatMap((event) => checkPause(event, facts)),
    ...rescued.flatMap((event) => checkBooks(event, facts)),
  ];
}

/** A run that takes a definition continues as new, and no other of these is that long. One that began with it stays as it is. */
function migratedRuns({ executions }: Facts, moves: Set<string>): string[] {
  return executions.flatMap(({ workflowId, status }) =>
    status === 'CONTINUED_AS_NEW' && moves.has(workflowId) ? [workflowId] : [],
  );
}

function checkDefinitions({ runs }: Facts, moves: Set<string>): string[] {
  const own = runs.filter(({ workflowId }) => moves.has(workflowId));
  const hashes = new Set(own.map(({ definitionHash }) => definitionHash));
  return hashes.size <= 1 ? [] : [`move-stock: its runs ended on ${hashes.size} definitions`];
}

/** No such run could end without all of its commands. */
function checkAudit(
  { audit, commands }: Facts,
  mends: SentEvent[],
  rescued: SentEvent[],
  migrated: string[],
): string[] {
  const wanted = [
    ...mends.flatMap((event) =>
      (['pause', wayOf(event.reference), 'resume'] as const).map((verb) => auditKey(runIdOf(event), verb)),
    ),
    ...rescued.map((event) => auditKey(retryOf(runIdOf(event)), 'retry-run')),
    ...migrated.map((workflowId) => auditKey(workflowId, 'migrate')),
  ];
  const kept = new Set(audit.map(({ target, action }) => `${target} ${action}`));
  return [
    ...expectOneEach(
      'audit entry',
      audit.map(({ target, action }) => `${target} ${action}`),
      wanted,
    ),
    ...commands
      .filter(({ workflowId, verb, accepted }) => accepted > 0 && !kept.has(auditKey(workflowId, verb)))
      .map(({ workflowId, verb }) => `${auditKey(workflowId, verb)}: accepted, and not in the audit`),
    ...commands
      .filter(({ accepted }) => accepted > 1)
      .map(({ workflowId, verb, accepted }) => `${auditKey(workflowId, verb)}: accepted ${accepted} times`),
    ...audit.filter(({ reason }) => reason === '').map(({ target, action }) => `${target} ${action}: nobody knows why`),
  ];
}

/** As the audit names it. */
function auditKey(workflowId: string, verb: SentCommand['verb']): string {
  return `${workflowId} ${{ setResult: 'set-result', editInput: 'edit-input' }[verb as string] ?? verb}`;
}

/** Done by the receiver, under one key: see `given`. */
function checkMended({ arrivedEffects }: Facts, mends: SentEvent[], rescued: SentEvent[]): string[] {
  const done = firstOfEach(arrivedEffects.filter((each): each is Of<'mend'> => each.kind === 'mend' && each.ok));
  const notSent = new Set<string>(['skip', 'setResult']);
  const wanted = [
    ...mends
      .filter(({ reference }) => !notSent.has(wayOf(reference)))
      .map(({ reference }) => `${reference} ${given[wayOf(reference)]}`),
    ...rescued.map(({ reference }) => `${reference} ${given.retry}`),
  ];
  return expectOneEach(
    'mending',
    done.map(({ reference, how }) => `${reference} ${how}`),
    wanted,
  );
}

/** Between the answer to `pause` and the first request to `resume`. */
function checkPause(event: SentEvent, { commands, arrivedEffects }: Facts): string[] {
  const workflowId = runIdOf(event);
  const of = (wanted: SentCommand['verb']) =>
    commands.find((command) => command.workflowId === workflowId && command.verb === wanted);
  const from = of('pause')?.acceptedMs ?? Infinity;
  const to = of('resume')?.firstSentMs ?? Infinity;
  const { reference } = event;
  return firstOfEach(arrivedEffects)
    .filter((each) => each.reference === reference && (each.kind === 'note' || (each.kind === 'mend' && each.ok)))
    .filter(({ atMs }) => atMs > from && atMs < to)
    .map(({ kind }) => `${reference}: ${kind} while the run was paused`);
}

function checkBooks({ reference }: SentEvent, { arrivedEffects }: Facts): string[] {
  const books = firstOfEach(
    arrivedEffects.filter((each): each is Of<'book'> => each.kind === 'book' && each.reference === reference),
  );
  const undone = new Set(arrivedEffects.flatMap((each) => (each.kind === 'unbook' ? [each.key] : [])));
  const fates = books.map(({ requestKey }) => (undone.has(requestKey) ? 'undone' : 'stands'));
  if (fates.join() === 'undone,stands') return [];
  return [`${reference}: booked ${fates.length} times (${fates.join(', ')}), and should be booked, undone and booked`];
}

/** By idempotency key: its receiver ignores the others. */
function firstOfEach<Effect extends ArrivedEffect>(effects: Effect[]): Effect[] {
  return [...new Map(effects.toReversed().map((effect) => [effect.requestKey, effect])).values()].toReversed();
}
