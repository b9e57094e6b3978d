import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import pg from 'pg';
import { identifyProcess } from '../../embedded/process-identity.ts';
import { openPostgres } from '../../storage/open-postgres.ts';
import { startPostgres, type PostgresServer } from './postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<unknown[]>({ text: statement, rowMode: 'array' });
  await client.end();
  return rows.flat();
}

describe('the private PostgreSQL', () => {
  it('writes through to the disk, so that measurements are honest', async () => {
    expect(await query(server.url, 'show fsync')).toEqual(['on']);
    expect(await query(server.url, 'show synchronous_commit')).toEqual(['on']);
  });

  it('gives each caller a database of its own', async () => {
    const one = await server.createDatabase('one');
    const other = await server.createDatabase('it"s other');
    await query(one, 'create table only_here (id int)');
    const tables = "select count(*)::int from pg_tables where tablename = 'only_here'";
    expect(await query(one, tables)).toEqual([1]);
    expect(await query(other, tables)).toEqual([0]);
  });

  it('takes Kait’s own schema', async () => {
    const fail = (error: Error): never => {
      throw error;
    };
    const database = await openPostgres(await server.createDatabase('kait'), { connections: 2, onError: fail });
    await expect(database.ping(5_000)).resolves.toBeUndefined();
    await database.close();
  });

  it('has an outage and comes back at the same address, with its data', async () => {
    const halted = await startPostgres();
    const { url } = halted;
    await query(url, 'create table kept (id int)');
    const before = halted.pid;
    await halted.halt();
    expect(identifyProcess(before)).toBeUndefined();
    await expect(query(url, 'select 1')).rejects.toThrow('ECONNREFUSED');
    await halted.resume();
    expect(await query(url, 'select count(*)::int from kept')).toEqual([0]);
    await halted.stop();
  });

  it('is gone after it was stopped, its files as well', async () => {
    const short = await startPostgres({ fsync: 'off' });
    const [folder] = (await query(short.url, 'show data_directory')) as [string];
    expect(existsSync(folder)).toBe(true);
    await short.stop();
    expect(identifyProcess(short.pid)).toBeUndefined();
    expect(existsSync(folder)).toBe(false);
  });
});
