import { KaitError } from '../../../errors.ts';
import { printable } from '../../../language/printable.ts';
import { answerOf, type ApiClient } from '../../api-client.ts';
import { whoAmI } from '../../who-am-i.ts';
import { bodyOfOptions, type EndpointOptions } from './endpoint-options.ts';
import { forReceiver } from './for-receiver.ts';
import { ifMatch, type IfVersion, unlessChanged } from './if-version.ts';

/** `kait endpoints add`: adds an endpoint and shows what its receiver needs. The secret is never shown again. */
export async function addEndpoint(
  api: ApiClient,
  url: string,
  { events, tenant, ...options }: EndpointOptions & { events: string[]; tenant?: string },
): Promise<string> {
  const given = await bodyOfOptions(options);
  const body = { ...given, url, patterns: events, by: whoAmI(), ...(tenant !== undefined && { tenant }) };
  const added = await answerOf(api.POST('/endpoints', { body }));
  const whose = added.tenant === null ? '' : ` for ${printable(added.tenant)}`;
  const what = `Added ${added.id}${whose}: ${added.patterns.join(', ')} → ${printable(added.url)}`;
  return [what, ...forReceiver(added)].join('\n');
}

/** `kait endpoints edit`: changes what the options name, if nobody else has changed it since it was read. */
export async function editEndpoint(
  api: ApiClient,
  id: string,
  { url, ifVersion, ...options }: EndpointOptions & IfVersion & { url?: string },
): Promise<string> {
  const changes = { ...(await bodyOfOptions(options)), ...(url !== undefined && { url }) };
  if (Object.keys(changes).length === 0) {
    throw new KaitError('KAIT_USAGE', 'Expected at least one option: what is to be changed.');
  }
  if ('secret' in changes) {
    throw new KaitError(
      'KAIT_USAGE',
      'A signing secret is replaced by "kait endpoints rotate --secrets …", with an overlap.',
    );
  }
  const path = { endpoint: id };
  const known = ifVersion ?? (await answerOf(api.GET('/endpoints/{endpoint}', { params: { path } }))).version;
  const params = { path, ...ifMatch({ ifVersion: known }) };
  const body = { ...changes, by: whoAmI() };
  const edited = await unlessChanged(id, answerOf(api.PATCH('/endpoints/{endpoint}', { params, body })));
  const names = Object.keys(changes).join(', ');
  const receiver = 'signature' in changes ? forReceiver(edited) : [];
  return [`Changed ${printable(id)}: ${names}.`, ...receiver].join('\n');
}

/** `kait endpoints rotate`: new keys. Requests are signed with the old ones, too, until the overlap is over. */
export async function rotateEndpoint(
  api: ApiClient,
  id: string,
  { overlap, secrets, ...expected }: IfVersion & { overlap?: string; secrets?: string },
): Promise<string> {
  const { secret, ...others } = (await bodyOfOptions(secrets === undefined ? {} : { secrets })) as { secret?: string };
  if (Object.keys(others).length > 0) {
    throw new KaitError(
      'KAIT_USAGE',
      'Expected only "secret" in the secrets of rotate. "kait endpoints edit" changes the others.',
    );
  }
  const body = {
    ...{ by: whoAmI(), ...(overlap !== undefined && { overlap }) },
    ...(secret !== undefined && { secret }),
  };
  const params = { path: { endpoint: id }, ...ifMatch(expected) };
  const rotated = await unlessChanged(id, answerOf(api.POST('/endpoints/{endpoint}/rotate', { params, body })));
  const until = rotated.credentials?.signing.find((key) => key.until !== null)?.until ?? null;
  const old = until === null ? '' : ` The old keys sign beside them until ${until}.`;
  return [`Made new signing keys for ${printable(id)}.${old}`, ...forReceiver(rotated)].join('\n');
}
