import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CallContext } from '../../language/definition.ts';
import type { Database } from '../../storage/database.ts';
import { activityFixture, contextOf, type RecordingTransport, type ShippedActivities } from './activity-fixture.ts';

/** What the suite works on; one for a whole file, since opening a database takes a second. */
export interface EffectWorld {
  database: Database;
  databaseThatIsDown: Pick<Database, 'orm' | 'run'>;
  transport: RecordingTransport;
}

export interface EffectCase<Input, Output> {
  name: string;
  act: (activities: ShippedActivities, input: Input, context: CallContext) => Promise<Output>;
  /** Prepares what the effect needs, and gives an input for it. */
  prepare: (database: Database) => Promise<Input>;
  /** How many effects there are in the world. */
  countEffects: (world: EffectWorld) => Promise<number>;
  /** Inputs that are refused for good, with what the error has to name. */
  invalid: [input: unknown, named: string][];
}

/** What every activity with an effect promises; one call of this for each. */
export function describeEffect<Input, Output>(world: () => EffectWorld, effect: EffectCase<Input, Output>): void {
  const call = (input: unknown, key: string, database = world().database) =>
    effect.act(
      activityFixture(database, { transport: world().transport }).activities,
      input as Input, // Also what the types would not let pass.
      contextOf(key),
    );
  const prepare = () => effect.prepare(world().database);
  const countEffects = () => effect.countEffects(world());

  describe(effect.name, () => {
    it('has one effect and one result for a repeated key', async () => {
      const input = await prepare();
      const before = await countEffects();
      const key = randomUUID();
      const first = await call(input, key);
      expect(await call(input, key)).toEqual(first);
      expect(await call(input, key)).toEqual(first);
      expect(await countEffects()).toBe(before + 1);
    });

    it('has one effect for concurrent calls with the same key; those that lose may be retried', async () => {
      const input = await prepare();
      const before = await countEffects();
      const key = randomUUID();
      const settled = await Promise.allSettled([1, 2, 3, 4].map(() => call(input, key)));
      const final = await call(input, key);
      expect(await countEffects()).toBe(before + 1);
      const results = settled.filter(({ status }) => status === 'fulfilled');
      expect(results).not.toEqual([]);
      expect(results).toEqual(results.map(() => ({ status: 'fulfilled', value: final })));
      const failures = settled.filter(({ status }) => status === 'rejected');
      expect(failures).toMatchObject(failures.map(() => ({ reason: { nonRetryable: false } })));
    });

    it('has a second effect for another key', async () => {
      const inputs = [await prepare(), await prepare()];
      const before = await countEffects();
      for (const input of inputs) await call(input, randomUUID());
      expect(await countEffects()).toBe(before + 2);
    });

    it.each(effect.invalid)('fails permanently on %j and names %s', async (input, named) => {
      const before = await countEffects();
      await expect(call(input, randomUUID())).rejects.toMatchObject({
        type: 'InputInvalid',
        nonRetryable: true,
        message: expect.stringContaining(named) as string,
      });
      expect(await countEffects()).toBe(before);
    });

    it('fails permanently without a key', async () => {
      const input = await prepare();
      await expect(call(input, '')).rejects.toMatchObject({ type: 'InputInvalid', nonRetryable: true });
    });

    it('fails transiently if the database is down', async () => {
      const input = await prepare();
      const down = { ...world().database, ...world().databaseThatIsDown };
      await expect(call(input, randomUUID(), down)).rejects.toMatchObject({
        type: 'DatabaseUnavailable',
        nonRetryable: false,
      });
    });
  });
}
