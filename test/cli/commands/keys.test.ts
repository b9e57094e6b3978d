import { expect, it } from 'vitest';
import { addKey, revokeKey, showKeys } from '../../../cli/commands/keys.ts';
import { fakeApi } from '../fake-api.ts';

const key = {
  ...{ id: 'key_1', name: 'grafana', scope: 'read', createdAt: '2026-01-01T00:00:00.000Z', createdBy: 'ana' },
  ...{ expiresAt: null, lastUsedAt: null, revokedAt: null },
};
const now = new Date('2026-06-01T00:00:00Z');

/** The rows of a table, with their cells. */
const cells = (text: string) => text.split('\n').map((line) => line.trimEnd().split(/ {2,}/));

it('makes a key, and shows its secret with how it is sent', async () => {
  const { api, asked } = fakeApi({ ...key, secret: 'kait_s3cret' });
  expect((await addKey(api, 'grafana', { scope: 'read' })).split('\n')).toEqual([
    'Made the key "grafana" (key_1) with the scope read.',
    'Secret: kait_s3cret',
    'Keep it now: it is not shown again. Send it as "Authorization: Bearer <secret>", or set KAIT_ADMIN_TOKEN to it for the commands.',
  ]);
  expect(asked).toEqual([['POST /keys', { name: 'grafana', scope: 'read', by: expect.any(String) as string }]]);
});

it('makes a key that expires, and says when', async () => {
  const expiresAt = '2027-01-01T00:00:00.000Z';
  const { api, asked } = fakeApi({ ...key, expiresAt, secret: 's' });
  expect(await addKey(api, 'ci', { scope: 'operate', expires: '2027-01-01T07:00:00+07:00' })).toContain(
    'with the scope operate, until 2027-01-01T00:00:00.000Z.',
  );
  expect(asked).toMatchObject([['POST /keys', { scope: 'operate', expiresAt: '2027-01-01T07:00:00+07:00' }]]);
});

it.each(['\u001b[2J', '\u202e'])('shows the name of a key without commands for the terminal: %j', async (command) => {
  const named = { ...key, name: `a${command}` };
  expect(await addKey(fakeApi({ ...named, secret: 's' }).api, named.name, { scope: 'read' })).not.toContain(command);
  const { api } = fakeApi({ items: [named], next: null });
  expect(await showKeys(api, { limit: 5 }, now)).not.toContain(command);
});

it.each([
  ['valid', {}],
  ['until 2026-06-01T00:00:01.000Z', { expiresAt: '2026-06-01T00:00:01.000Z' }],
  ['expired 2026-06-01T00:00:00.000Z', { expiresAt: '2026-06-01T00:00:00.000Z' }],
  [
    'revoked 2026-02-01T00:00:00.000Z',
    { revokedAt: '2026-02-01T00:00:00.000Z', expiresAt: '2026-03-01T00:00:00.000Z' },
  ],
])('lists a key that is %s', async (state, changes) => {
  const { api, asked } = fakeApi({ items: [{ ...key, ...changes }], next: null });
  expect(cells(await showKeys(api, { limit: 5 }, now))).toEqual([
    ['id', 'name', 'scope', 'state', 'created', 'by', 'last used'],
    ['key_1', 'grafana', 'read', state, '2026-01-01T00:00:00.000Z', 'ana', 'never'],
  ]);
  expect(asked).toEqual(['GET /keys?limit=5']);
});

it('says how to make the first key', async () => {
  expect(await showKeys(fakeApi({ items: [], next: null }).api, { limit: 5 }, now)).toBe(
    'No API keys. Make one: kait keys add <name> --scope read',
  );
});

it('revokes a key, whatever its id looks like', async () => {
  const { api, asked } = fakeApi(new Response(null, { status: 204 }));
  expect(await revokeKey(api, 'key_1')).toBe('Revoked key_1. All servers refuse it within seconds.');
  await revokeKey(api, '../runs?x=1');
  expect(asked).toEqual(['DELETE /keys/key_1', 'DELETE /keys/..%2Fruns%3Fx%3D1']);
});

/** A problem as the API answers it. */
const refused = (status: number, code: string, detail: string) =>
  Response.json(
    { type: `urn:kait:problem:${code}`, title: 'x', status, code, detail },
    {
      status,
      headers: { 'content-type': 'application/problem+json' },
    },
  );

it('says if there is no such key', async () => {
  expect(await revokeKey(fakeApi(refused(404, 'not-found', 'There is no such key.')).api, 'key_9')).toBe(
    'There is no key key_9.',
  );
});

it.each([
  ['a name that is taken', 409, 'name-taken', 'There is a key "grafana" already.'],
  ['a key without the scope', 403, 'missing-scope', 'This needs a key with the scope admin.'],
  ['a time that has passed', 400, 'invalid-request', 'expiresAt must be in the future.'],
])('passes on what the API says about %s', async (_what, status, code, detail) => {
  const { api } = fakeApi(refused(status, code, detail));
  await expect(addKey(api, 'grafana', { scope: 'read' })).rejects.toThrow(detail);
  await expect(revokeKey(api, 'key_1')).rejects.toThrow(detail);
});
