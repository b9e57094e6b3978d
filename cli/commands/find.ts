import pc from 'picocolors';
import { printable, shortened } from '../../language/printable.ts';
import { shownMoney } from '../../language/shown-money.ts';
import { answerOf, type ApiClient } from '../api-client.ts';
import type { components } from '../api-types.ts';
import { quoted } from '../quoted-argument.ts';
import { shownTime, type TimeOptions } from '../shown-time.ts';

type Found = components['schemas']['Found'];

/** `kait find`: what mentions an order, a customer, an amount or an id, grouped, each with the command that shows more. */
export async function findText(
  api: ApiClient,
  text: string,
  options: TimeOptions & { json?: boolean },
): Promise<string> {
  const found = await answerOf(api.GET('/find', { params: { query: { text } } }));
  if (options.json === true) return JSON.stringify(found, null, 2);
  const groups = groupsOf(found, options).filter(({ entries }) => entries.length > 0);
  if (groups.length === 0) return `Nothing mentions ${printable(shortened(text, 100))}. The whole text has to match.`;
  return groups.map((group) => groupText(group, found.more.includes(group.kind))).join('\n\n');
}

interface Group {
  kind: Exclude<keyof Found, 'more'>;
  title: string;
  entries: { line: string; command: string | null }[];
}

function groupsOf(found: Found, times: TimeOptions): Group[] {
  const at = (instant: string) => shownTime(instant, times);
  return [
    {
      ...{ kind: 'events', title: 'Events' },
      entries: found.events.map((row) => ({
        line: joined([
          at(row.receivedAt),
          row.state,
          row.type,
          row.eventId,
          row.orderId,
          shownMoney(row),
          row.lastError,
        ]),
        command: `kait events show ${quoted(row.source)} ${quoted(row.eventId)}`,
      })),
    },
    {
      ...{ kind: 'rejections', title: 'Rejected requests that named the same. None is known to be genuine' },
      entries: found.rejections.map((row) => ({
        line: joined([at(row.at), row.reason, row.source, row.address]),
        command: `kait rejections --source ${quoted(row.source)}`,
      })),
    },
    {
      ...{ kind: 'runs', title: 'Runs' },
      entries: found.runs.map((row) => ({
        line: joined([
          row.startedAt === null ? 'to be started' : at(row.startedAt),
          row.definition,
          row.because === 'was-given' ? 'was given the event' : null,
        ]),
        command: `kait runs show ${quoted(row.workflowId)}`,
      })),
    },
    {
      ...{ kind: 'approvals', title: 'Approvals' },
      entries: found.approvals.map((row) => ({
        line: joined([at(row.openedAt), row.state, row.question]),
        command: `kait approvals show ${quoted(row.workflowId)} ${quoted(row.step)}`,
      })),
    },
    {
      ...{ kind: 'deliveries', title: 'Deliveries' },
      entries: found.deliveries.map((row) => ({
        line: joined([
          at(row.createdAt),
          row.state,
          `${row.attempts} attempts`,
          row.type,
          row.url,
          row.id,
          row.lastError,
        ]),
        command:
          row.state === 'refused' ? `kait deliveries retry ${quoted(row.id)}` : `kait runs show ${quoted(row.run)}`,
      })),
    },
    {
      ...{ kind: 'mails', title: 'Mails' },
      entries: found.mails.map((row) => ({
        line: joined([at(row.createdAt), row.state, row.recipient, row.subject]),
        command: `kait runs show ${quoted(row.run)}`,
      })),
    },
  ];
}

function groupText({ title, entries }: Group, hasMore: boolean): string {
  const lines = entries.flatMap(({ line, command }) => [
    `  ${line}`,
    ...(command === null ? [] : [pc.dim(`    ${command}`)]),
  ]);
  return [pc.bold(title), ...lines, ...(hasMore ? ['  … and older ones'] : [])].join('\n');
}

function joined(parts: (string | null)[]): string {
  return parts
    .filter((part) => part !== null && part !== '')
    .map((part) => shortened(printable(part ?? ''), 100))
    .join('  ');
}
