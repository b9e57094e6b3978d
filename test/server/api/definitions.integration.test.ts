import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readTestsBeside } from '../../../cli/compose/tests-beside.ts';
import { workbenchOf } from '../../../cli/compose/workbench.ts';
import { createCatalogue } from '../../../activities/catalogue.ts';
import type { Definition } from '../../../language/definition.ts';
import { noEventTypes } from '../../../language/event-types.ts';
import { sampleEvents } from '../../../server/gateway/sample-events.ts';
import { recordDefinitions } from '../../../server/served-definitions.ts';
import { sampleInstant } from '../../../simulator/complete-event.ts';
import type { Database } from '../../../storage/database.ts';
import { definitions as definitionsTable, runs } from '../../../storage/schema.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { sharedTemporaryFolder } from '../../temporary-folder.ts';
import { samplesFolder, shippedPresets } from '../gateway/gateways.ts';
import { deleteEvents, insertEvent } from '../stored-events.ts';
import { openApi, problem } from './api-fixture.ts';

const version = (amount: number): Definition => ({
  ...{ name: 'paid', title: '<b>Paid</b>', on: { event: 'payment.succeeded' } },
  steps: [{ id: 'note', set: { amount } }],
});

let database: Database;
const folder = sharedTemporaryFolder();
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.orm.delete(runs);
  await deleteEvents(database);
  await database.orm.delete(definitionsTable);
});

const loaded = (hash: string, definition = version(2)) => ({
  ...{ definition, hash, file: join(folder.path, `${definition.name}.json`), children: {} },
});
const ask = async (path: string) =>
  openApi({
    database,
    served: { definitions: [loaded('second')], awaited: [], faulty: [] },
    testsBeside: readTestsBeside,
    presets: await shippedPresets(),
    samplesOf: (preset) => sampleEvents(preset, [samplesFolder], sampleInstant),
    workbench: () =>
      workbenchOf({
        ...{ activities: { catalogue: createCatalogue() }, definitions: [loaded('second')] },
        ...{ eventTypes: noEventTypes, settingDefaults: { shop: 'https://default.example' } },
        settings: { types: { shop: 'url' }, values: { shop: 'https://shop.example' } },
      }),
  })({ url: `/api/v1${path}` });

describe('the versions of a definition', () => {
  it('are told with their runs, the latest first', async () => {
    await recordDefinitions(database, [{ definition: version(1), hash: 'first' }]);
    await recordDefinitions(database, [{ definition: version(2), hash: 'second' }]);
    const event = await insertEvent(database, { eventId: 'evt_1' });
    const run = (id: string, definitionHash: string, startedAt: Date | null) => ({
      ...{ workflowId: id, event, definition: 'paid', definitionHash, startedAt },
    });
    await database.orm
      .insert(runs)
      .values([
        run('kait-test/paid/stripe/1', 'first', new Date('2020-01-01T00:00:00Z')),
        run('kait-test/paid/stripe/2', 'first', new Date('2020-01-02T00:00:00Z')),
        run('kait-test/paid/stripe/3', 'second', null),
      ]);
    const shown = { firstSeenAt: expect.any(String) };
    expect(await ask('/definitions/paid/versions')).toEqual({
      status: 200,
      body: {
        items: [
          { ...shown, hash: 'second', isServed: true, definition: version(2), runs: 1, lastRunAt: null },
          {
            ...{ ...shown, hash: 'first', isServed: false, definition: version(1), runs: 2 },
            lastRunAt: '2020-01-02T00:00:00.000Z',
          },
        ],
      },
    });
  });

  it('are those of no other definition', async () => {
    await recordDefinitions(database, [{ definition: { ...version(1), name: 'paid-again' }, hash: 'other' }]);
    expect(await ask('/definitions/paid/versions')).toEqual({
      status: 404,
      body: problem(404, 'not-found', 'No definition "paid" was ever served.'),
    });
  });

  it.each(['constructor', '__proto__', 'PAID'])('do not exist of %s', async (name) => {
    expect(await ask(`/definitions/${name}/versions`)).toMatchObject({ status: 404 });
  });

  it.each(['a%2Fb', '%3Cb%3E', 'x'.repeat(65), "'"])('are not asked of %s', async (name) => {
    expect(await ask(`/definitions/${name}/versions`)).toMatchObject({ status: 400 });
  });
});

describe('the tests of a definition', () => {
  const file = 'paid.test.json';

  it('are told as they are written, whatever mistakes they have', async () => {
    await writeFile(join(folder.path, file), '{ "tests": [ // <b>');
    expect(await ask('/definitions/paid/tests')).toEqual({ status: 200, body: { file, text: '{ "tests": [ // <b>' } });
  });

  it.each([
    ['are too large to be shown', ' '.repeat(2 ** 20 + 1), null],
    ['are just small enough', ' '.repeat(2 ** 20), ' '.repeat(2 ** 20)],
  ])('%s', async (_what, written, text) => {
    await writeFile(join(folder.path, file), written);
    expect(await ask('/definitions/paid/tests')).toEqual({ status: 200, body: { file, text } });
  });

  it('may not exist', async () => {
    expect(await readTestsBeside(join(folder.path, 'other.json'))).toEqual({ file: 'other.test.json', text: null });
    expect(await readTestsBeside(join(folder.path, 'paid.test.json', 'x.json'))).toMatchObject({ text: null });
  });

  it('are not told of what is not served', async () => {
    expect(await ask('/definitions/other/tests')).toMatchObject({ status: 404 });
  });
});

describe('the workbench', () => {
  it('tells what definitions are checked against and simulated with', async () => {
    const { status, body } = await ask('/workbench');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      definitions: { paid: version(2) },
      settings: {
        ...{ types: { shop: 'url' }, values: { shop: 'https://shop.example' } },
        defaults: { shop: 'https://default.example' },
      },
      activities: expect.arrayContaining([
        expect.objectContaining({ name: 'mail.send', callable: true, absent: null, verb: null }),
        expect.objectContaining({ name: 'outbound.emit', callable: false }),
      ]),
      finalErrors: expect.arrayContaining(['OrderUnknown']),
    });
  });

  it('has no secret in it', async () => {
    expect(JSON.stringify((await ask('/workbench')).body)).not.toContain('whsec');
  });
});

describe('the samples of a gateway', () => {
  it('are told as the events that they would be', async () => {
    expect(await ask('/gateways/stripe/samples')).toMatchObject({
      status: 200,
      body: {
        items: expect.arrayContaining([
          expect.objectContaining({
            ...{ name: 'payment_intent.succeeded', type: 'payment.succeeded' },
            event: expect.objectContaining({
              ...{ gateway: 'stripe', entity: 'pi_3Rk9ToKoKopi0001ZyXwVuTs' },
              payment: expect.objectContaining({ amount: 2_500_000, currency: 'IDR', orderId: 'ORDER-1001' }),
            }),
          }),
        ]),
      },
    });
  });

  it.each(['none', 'constructor', '..', 'stripe%2F..'])('do not exist of %s', async (gateway) => {
    expect(await ask(`/gateways/${gateway}/samples`)).toMatchObject({ status: 404 });
  });

  it('exist of each gateway that has some', async () => {
    const names = [...(await shippedPresets()).keys()];
    const statuses = await Promise.all(names.map(async (name) => (await ask(`/gateways/${name}/samples`)).status));
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});
