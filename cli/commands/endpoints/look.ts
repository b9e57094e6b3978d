import { printable } from '../../../language/printable.ts';
import { answerOf, type ApiClient } from '../../api-client.ts';
import type { components } from '../../api-types.ts';
import { nextPage } from '../../next-page.ts';
import { table } from '../../terminal.ts';

type Endpoint = components['schemas']['Endpoint'];

export interface ListOptions {
  limit: number;
  cursor?: string;
  tenant?: string;
  state?: Endpoint['state'];
}

/** `kait endpoints`: lists the endpoints of outbound webhooks. */
export async function showEndpoints(api: ApiClient, query: ListOptions): Promise<string> {
  const { items, next } = await answerOf(api.GET('/endpoints', { params: { query } }));
  const isAll = query.tenant === undefined && query.state === undefined && query.cursor === undefined;
  if (items.length === 0) {
    return isAll ? `No endpoints. Add one: kait endpoints add https://… --events 'order.*'` : 'No such endpoints.';
  }
  const rows = items.map((row) => [
    row.id,
    stateOf(row),
    row.tenant,
    row.patterns.join(', '),
    row.url,
    row.description,
  ]);
  return table(['id', 'state', 'tenant', 'events', 'url', 'description'], rows) + nextPage(next);
}

function stateOf({ state, disabledReason, openUntil, failingSince }: Endpoint): string {
  if (state !== 'enabled') return disabledReason === null ? state : `${state}: ${disabledReason}`;
  if (openUntil !== null) return `failing, no requests until ${openUntil}`;
  return failingSince === null ? state : `failing since ${failingSince}`;
}

/** `kait endpoints show`: everything about an endpoint but its secrets. */
export async function showEndpoint(api: ApiClient, id: string, { json = false }: { json?: boolean }): Promise<string> {
  const found = await answerOf(api.GET('/endpoints/{endpoint}', { params: { path: { endpoint: id } } }));
  return json ? JSON.stringify(found, null, 2) : describeEndpoint(found);
}

function describeEndpoint(row: Endpoint): string {
  const { credentials, ordering, schedule, permanent } = row;
  const lines: [string, string | null][] = [
    ['state', stateOf(row)],
    ['url', row.url],
    ['events', row.patterns.join(', ')],
    ['description', row.description === '' ? null : row.description],
    ['tenant', row.tenant],
    ['filter', asJson(row.filter)],
    ['transform', asJson(row.transform)],
    ['signature', signatureOf(row)],
    ...keysOf(credentials),
    ['headers', listOf(credentials?.headers)],
    ['auth', credentials?.auth ?? null],
    ['client certificate', credentials?.clientCertificate === true ? 'yes' : null],
    ['time limit', orDefault(row.timeLimit, '15s')],
    ['schedule', orDefault(schedule?.join(', ') ?? null, 'KAIT_OUTBOUND_SCHEDULE')],
    ['rate', orDefault(row.rate === null ? null : `${row.rate} per second`, 'no limit')],
    ['concurrency', orDefault(row.concurrency, '10')],
    ['order by', ordering === null || ordering === 'none' ? null : ordering.fifo],
    ['permanent', listOf(permanent?.map(String))],
    ['disable after', orDefault(row.disableAfter, '5d')],
    ['created', row.createdAt],
    ['version', String(row.version)],
  ];
  const shown = lines.filter((line): line is [string, string] => line[1] !== null);
  const width = Math.max(...shown.map(([name]) => name.length));
  const missing =
    credentials === null ? '\nIts secrets cannot be opened: the server lacks the key in KAIT_SECRETS_KEY.' : '';
  return [row.id, ...shown.map(([name, value]) => `  ${name.padEnd(width)}  ${printable(value)}`)].join('\n') + missing;
}

function keysOf(credentials: Endpoint['credentials']): [string, string | null][] {
  const signing = credentials?.signing ?? [];
  const keys = signing.map(({ key, until }) => (until === null ? key : `${key} until ${until}`));
  return [
    ['keys', listOf(keys)],
    ['public key', credentials?.publicKey ?? null],
  ];
}

function signatureOf({ signature }: Endpoint): string {
  if (signature === null) return 'v1 (default)';
  return 'hmac' in signature ? `HMAC in ${signature.hmac.header}` : signature.standard.join(', ');
}

function orDefault(value: string | number | null, whatElse: string): string {
  return value === null ? `${whatElse} (default)` : String(value);
}

function listOf(values: readonly string[] | undefined): string | null {
  return values === undefined || values.length === 0 ? null : values.join(', ');
}

function asJson(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}
