import { printable } from '../../language/printable.ts';
import { shownMoney } from '../../language/shown-money.ts';
import type { WhatIf, WhatIfGroup } from './what-if.ts';

/** For people. Plain text. */
export function formatWhatIf(result: WhatIf): string {
  const { definition, hasServed, looked, same, different, draftStarts, servedStarts, groups, inOtherGroups } = result;
  const { ranThen, ranOtherwise, unknown, assumed } = result;
  const notes = [
    ...(hasServed ? [] : [`No definition "${definition}" is served, so everything that the draft does is new.`]),
    ...Object.entries(unknown).map(([reason, count]) => `${events(count)}: cannot tell, because ${reason}.`),
    ...(inOtherGroups === 0 ? [] : [`${events(inOtherGroups)} would be different in other ways, which are not shown.`]),
    ...(hasServed && ranOtherwise > 0
      ? [
          `When they arrived, ${ranThen} of these events had a run of it. For ${ranOtherwise}, that is not what the definition that is served now would do.`,
        ]
      : []),
    'Both definitions were simulated: nobody answers, no other event comes, and nothing was sent.',
    ...(assumed.length === 0 ? [] : [`Results are made up, the same for both: ${assumed.join(', ')}.`]),
  ];
  return [
    `${events(looked)} looked at: ${different} would be different, ${same} the same.`,
    `Runs would start for ${draftStarts}, now for ${servedStarts}.`,
    ...groups.flatMap((group) => ['', ...groupLines(group)]),
    '',
    ...notes,
  ].join('\n');
}

function groupLines({ changes, events: count, money, examples }: WhatIfGroup): string[] {
  const sums = Object.entries(money).map(([currency, sum]) => shownMoney({ currency, amount: sum }));
  return [
    `${events(count)}${sums.length === 0 ? '' : `, ${sums.join(' and ')}`}:`,
    ...changes.map((change) => `  ${printable(change)}`),
    ...examples.map(({ source, eventId, orderId, currency, amount, because }) => {
      const order = orderId === null ? '' : ` ${orderId}`;
      const paid = amount === null ? '' : ` ${shownMoney({ currency, amount })}`;
      return printable(`  such as ${source}/${eventId}${order}${paid}${because === null ? '' : `: ${because}`}`);
    }),
  ];
}

function events(count: number): string {
  return count === 1 ? '1 event' : `${count} events`;
}
