import { lockDataFolder } from '../../embedded/data-folder.ts';

/** A process of its own for the tests of the lock: waits for a line, then locks its folder, says how that went, and stays. */
const folder = process.argv[2] ?? '';
process.stdout.write('ready\n');
process.stdin.once('data', () => {
  lockDataFolder(folder).then(
    () => process.stdout.write('won\n'),
    (error: unknown) => process.stdout.write(`${error instanceof Error ? error.message : 'not an error'}\n`),
  );
});
