import { printable } from '../../language/printable.ts';
import { answerOf, type ApiClient } from '../api-client.ts';
import { approvalsOf, describe } from './approvals.ts';

/** `kait runs show`: a run with its status, and what people were asked and have answered. */
export async function showRun(api: ApiClient, workflowId: string): Promise<string> {
  const { status, startedAt, eventType, entity, ...row } = await answerOf(
    api.GET('/runs/{run}', { params: { path: { run: workflowId } } }),
  );
  const facts = [`status: ${status}`, `started: ${startedAt}`, `event: ${eventType} ${entity ?? ''}`.trimEnd()];
  const asked = await approvalsOf(api, row.workflowId);
  return [printable(row.workflowId), ...facts.map((fact) => `  ${printable(fact)}`), ...asked.map(describe)].join('\n');
}
