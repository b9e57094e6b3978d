import { eq } from 'drizzle-orm';
import { type EndpointNoticeData, noticePrefix } from '../../../language/own-event-types.ts';
import type { Queries } from '../../../storage/database.ts';
import { endpointNotices, messages } from '../../../storage/schema.ts';

/** The operator hears of all endpoints, by its own; a tenant of its own. */
export type NoticeAudience = 'operator' | 'tenant';

/**
 * Notices of later generations are told by no message, only by mail. The first ones are about what steps emit; one more follows if the message
 * about it cannot be delivered, and so on.
 */
export const lastGeneration = 2;

/** No run has such an id: no definition's name has a colon. */
const keyPattern = /^kait:notice\/(\d{1,18})\//;

/** The key of the message that tells an audience of a notice. */
export function noticeKey(id: number, audience: NoticeAudience): string {
  return `kait:notice/${id}/${audience}`;
}

/**
 * The endpoint that a message tells of; null if it is no notice. That endpoint does not get it: it would be the last one to be able to hear of it.
 */
export function toldAbout({ type, body }: { type: string; body: string }): string | null {
  if (!type.startsWith(noticePrefix)) return null;
  const { data } = JSON.parse(body) as { data: EndpointNoticeData }; // Only Kait writes these types.
  return data.endpoint.id;
}

/** The generation of a notice about an endpoint that a message could not be delivered to. */
export async function generationAfter(
  queries: Queries,
  { messageId, type }: { messageId: string; type: string },
): Promise<number> {
  if (!type.startsWith(noticePrefix)) return 0;
  const [message] = await queries
    .select({ key: messages.idempotencyKey })
    .from(messages)
    .where(eq(messages.id, messageId));
  const [, id] = keyPattern.exec(message?.key ?? '') ?? [];
  if (id === undefined) return 0;
  const [notice] = await queries
    .select({ generation: endpointNotices.generation })
    .from(endpointNotices)
    .where(eq(endpointNotices.id, Number(id)));
  return notice === undefined ? lastGeneration + 1 : notice.generation + 1;
}
