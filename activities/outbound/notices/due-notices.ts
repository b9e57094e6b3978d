import type { EndpointNotice } from '../../../storage/schema.ts';

interface UntoldNotice {
  kind: EndpointNotice;
  at: Date;
  tellAt: Date;
}

/**
 * Which of an endpoint's untold notices, the oldest first, are to be told now, and which were overtaken and are told to nobody: a recovery that did
 * not last, and the failure after it, because everybody believes that the endpoint is failing still. The others are told later.
 */
export function dueNotices<Notice extends UntoldNotice>(
  untold: readonly Notice[],
  now: Date,
): { told: Notice[]; overtaken: Notice[] } {
  const told: Notice[] = [];
  const overtaken: Notice[] = [];
  let recovery: Notice | null = null;
  for (const notice of untold) {
    const lasted = recovery === null || notice.at >= recovery.tellAt;
    if (recovery !== null) (lasted ? told : overtaken).push(recovery);
    recovery = notice.kind === 'recovered' ? notice : null;
    if (recovery === null) (lasted || notice.kind !== 'failing' ? told : overtaken).push(notice);
  }
  if (recovery !== null && recovery.tellAt <= now) told.push(recovery);
  return { told, overtaken };
}
