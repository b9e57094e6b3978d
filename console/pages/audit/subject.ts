import { definitionLink, deliveryLink, endpointLink, eventLink, listLink, runLink } from '../../app/links.ts';

/** Actions whose subject is an event: `<source>/<event id>`. */
const onEvents = ['reveal'];
/** Actions whose subject is a definition. */
const onSchedules = ['pause-schedule', 'resume-schedule'];
/** Actions whose subject is a run, by its workflow id. */
const onRuns = [
  ...['run-again', 'start', 'free-key', 'retry-run', 'retry', 'skip', 'set-result', 'edit-input'],
  ...['pause', 'resume', 'cancel', 'terminate', 'migrate'],
];

/** Where what something was done to is shown. Null: nowhere, or it is gone. */
export function subjectLink({ action, target }: { action: string; target: string }): string | null {
  if (action === 'remove-endpoint') return null;
  const [, kind = '', id = ''] = /^(endpoint|delivery|tenant|replay) (.+)$/s.exec(target) ?? [];
  if (kind === 'endpoint') return endpointLink(id);
  if (kind === 'delivery') return deliveryLink(id);
  if (kind === 'tenant') return listLink('/endpoints', { tenant: id });
  if (kind === 'replay') return null;
  if (action === 'publish' || action === 'rollback') return '/definitions';
  if (onSchedules.includes(action)) return definitionLink(target);
  if (onRuns.includes(action)) return runLink(target);
  const slash = target.indexOf('/');
  return onEvents.includes(action) && slash > 0 ? eventLink(target.slice(0, slash), target.slice(slash + 1)) : null;
}
