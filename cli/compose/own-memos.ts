import type { Connection } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import { waitedForBy as ownMemo } from '../../server/runs/is-detached.ts';

interface HasMemo {
  memo?: { fields?: Record<string, Payload> | null } | null;
}

/**
 * The connection, without the values that others have put into the workflows and schedules of the namespace. The only memo that Kait reads is
 * {@link ownMemo}. The SDK decodes the memo of all
 * that it lists or describes, and fails altogether if one is no JSON or refers to a value that is stored elsewhere: one workflow of a
 * neighbour's would keep Kait from finding its own.
 */
export function withOwnMemos<Some extends Connection | NativeConnection>(connection: Some): Some {
  const { workflowService: asked } = connection;
  const answers = {
    describeWorkflowExecution: async (request: Parameters<typeof asked.describeWorkflowExecution>[0]) => {
      const answer = await asked.describeWorkflowExecution(request);
      if (answer.workflowExecutionInfo) keepOwn(answer.workflowExecutionInfo);
      return Object.assign(answer, { executionConfig: null, pendingActivities: [], callbacks: [] });
    },
    listWorkflowExecutions: async (request: Parameters<typeof asked.listWorkflowExecutions>[0]) => {
      const answer = await asked.listWorkflowExecutions(request);
      answer.executions.forEach(keepOwn);
      return answer;
    },
    listSchedules: async (request: Parameters<typeof asked.listSchedules>[0]) => {
      const answer = await asked.listSchedules(request);
      answer.schedules.forEach(keepOwn);
      return answer;
    },
  };
  const workflowService: unknown = Object.assign(Object.create(asked), answers);
  return Object.create(connection, { workflowService: { value: workflowService } }) as Some;
}

function keepOwn(listed: HasMemo): void {
  const own = listed.memo?.fields?.[ownMemo];
  listed.memo = { fields: own !== undefined && isText(own) ? { [ownMemo]: own } : {} };
}

function isText({ metadata, data }: Payload): boolean {
  const { encoding, ...others } = metadata ?? {};
  if (encoding === undefined || Object.keys(others).length > 0) return false;
  if (Buffer.from(encoding).toString() !== 'json/plain') return false;
  try {
    return typeof JSON.parse(Buffer.from(data ?? []).toString()) === 'string';
  } catch {
    return false;
  }
}
