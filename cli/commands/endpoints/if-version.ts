import { KaitError } from '../../../errors.ts';
import { printable } from '../../../language/printable.ts';
import { ApiRefusal } from '../../api-client.ts';

/** What the commands that change an endpoint take. */
export interface IfVersion {
  /** The version that `kait endpoints show` has shown. If the endpoint has another one by now, nothing is changed. */
  ifVersion?: number;
}

/** The headers of a change. */
export function ifMatch({ ifVersion }: IfVersion): { header?: { 'If-Match': string } } {
  return ifVersion === undefined ? {} : { header: { 'If-Match': `"${ifVersion}"` } };
}

/** Names the command that shows the endpoint as it is now, if somebody else has changed it. */
export async function unlessChanged<Answer>(id: string, asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof ApiRefusal) || error.problem !== 'changed-meanwhile') throw error;
    const name = printable(id);
    throw new KaitError(
      'KAIT_ADMIN_REQUEST_FAILED',
      `Nothing was changed: somebody else has changed ${name} meanwhile. Look at it with "kait endpoints show ${name}", and try again.`,
      { cause: error },
    );
  }
}
