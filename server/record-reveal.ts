import type { Database } from '../storage/database.ts';

/** One row a day for each person and event, so that a program that reads many bodies again and again does not fill the audit. */
const recordSql = `
  insert into audit (actor, action, target, reason)
  select $1::text, 'reveal', $2::text, $3::text where not exists (
    select from audit where target = $2 and actor = $1 and action = 'reveal' and reason = $3 and at > now() - interval '1 day')`;

/** Records that somebody has read what is redacted otherwise. Rejects if it cannot be recorded: then it is not shown. */
export async function recordReveal(
  database: Pick<Database, 'run'>,
  { actor, source, event, what }: { actor: string; source: string; event: string; what: string },
): Promise<void> {
  await database.run('record-reveal', recordSql, [actor, `${source}/${event}`, what]);
}
