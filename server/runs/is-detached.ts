/** The memo of a child run that names the run which waits for it. A detached one has none. */
export const waitedForBy = 'waitedForBy';

/** A run as Temporal lists it, as far as it matters here. */
export interface ListedFamily {
  parentExecution?: { workflowId?: string | null } | null;
  memo?: { fields?: Record<string, unknown> | null } | null;
}

/** The id of the run that has started this one as a child. Null: none has. */
export function parentOf({ parentExecution }: ListedFamily): string | null {
  const id = parentExecution?.workflowId ?? '';
  return id === '' ? null : id;
}

/** Whether it is a child run that no run waits for, so that its failure is nobody else's. */
export function isDetached(listed: ListedFamily): boolean {
  return parentOf(listed) !== null && listed.memo?.fields?.[waitedForBy] === undefined;
}
