import { openPGlite } from '../../../storage/open-pglite.ts';

/** A process of its own: writes pairs of rows into the database in a folder, several at once, and prints the number of each that is committed. */
const database = await openPGlite({ folder: process.argv[2] ?? '' });
await database.run('', 'create table if not exists pairs (number int, half int)', []);
const insert = 'insert into pairs values ($1, $2)';
let last = 0;

async function write(): Promise<never> {
  for (;;) {
    const number = ++last;
    await database.transact(
      async (transaction) => {
        await transaction.query(insert, [String(number), '1']);
        await transaction.query(insert, [String(number), '2']);
      },
      { limitMs: 30_000 },
    );
    process.stdout.write(`${number}\n`);
  }
}

await Promise.all([write(), write(), write(), write()]);
