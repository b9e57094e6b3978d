import type { ListedProcess } from '../publish/processes.ts';

type Server = Pick<ListedProcess, 'id' | 'kind' | 'serves' | 'servesSince'>;

/**
 * Whether this server sets the schedules. It is the one of all that run with the newest published set, and among equals the one that began to
 * serve it last. So a server that still has older definitions does not set back what another has set, whenever it looks. Without a report of
 * its own it does not decide, because nobody knows yet what it serves.
 */
export function decidesSchedules(id: string, processes: readonly Server[]): boolean {
  const servers = processes.filter(({ kind }) => kind === 'server');
  const [first] = servers.toSorted((one, other) => compare(other, one));
  return first?.id === id;
}

function compare(one: Server, other: Server): number {
  const bySet = (one.serves ?? 0) - (other.serves ?? 0);
  const byTime = one.servesSince.getTime() - other.servesSince.getTime();
  return bySet || byTime || (one.id < other.id ? -1 : 1);
}
