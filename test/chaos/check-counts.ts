import { countByKey, expectOneEach } from './expect-one-each.ts';
import type { ArrivedEffect, Facts, SentEvent } from './facts.ts';

type Count = Extract<ArrivedEffect, { kind: 'count' }>;

/** What runs with a key did: one at a time, in the order in which their events are in the inbox, and each once. */
export function checkCounts({ arrivedEffects, inbox }: Facts, owed: SentEvent[]): string[] {
  const counts = arrivedEffects.filter((effect): effect is Count => effect.kind === 'count');
  const first = [...new Map(counts.toReversed().map((count) => [count.requestKey, count])).values()];
  const places = new Map(inbox.map(({ eventId }, place) => [eventId, place]));
  const asked = owed
    .filter(({ kind }) => kind === 'counts' || kind === 'stuck')
    .sort((a, b) => (places.get(a.id) ?? 0) - (places.get(b.id) ?? 0));
  const wanted = asked.flatMap(({ kind, reference }) => [
    `${reference} begins`,
    ...(kind === 'counts' ? [`${reference} ends`] : []),
  ]);
  return [
    ...expectOneEach(
      'count',
      first.map(({ reference, what }) => `${reference} ${what}`),
      wanted,
    ),
    ...[...countByKey(asked.map(({ shelf }) => shelf)).keys()].flatMap((shelf) => {
      const done = counts.filter((count) => count.shelf === shelf).map(({ reference }) => reference);
      // A repeat amid another run's requests shows as a second turn.
      const turns = done.filter((reference, index) => reference !== done[index - 1]);
      return inOrder(
        shelf,
        turns,
        asked.filter((event) => event.shelf === shelf).map(({ reference }) => reference),
      );
    }),
  ];
}

function inOrder(shelf: string, turns: string[], asked: string[]): string[] {
  if (turns.join() === asked.join()) return [];
  return [`${shelf}: counted in the order ${turns.join(', ')}, and asked for in the order ${asked.join(', ')}`];
}
