import type { CallContext } from '../../language/definition.ts';
import type { Database } from '../../storage/database.ts';
import { findEnvelope } from '../../storage/find-envelope.ts';
import { askDatabase } from '../ask-database.ts';
import type { ActivityInput } from '../engine-activities.ts';
import { activityFailure } from '../failure-types.ts';
import type { MailTemplates } from './mail-templates.ts';
import type { MailFormat } from './format-values.ts';
import { type EventEnvelope, renderMail } from './render-mail.ts';

type RenderedMail = ReturnType<typeof renderMail>;

interface Mails {
  templates: MailTemplates;
  faulty?: ReadonlyMap<string, string>;
  format: MailFormat;
}

/**
 * The subject and text of a step's mail: its own, or its template's. Throws a permanent failure if one is missing, if the
 * template or its event is unknown, or if the subject contains a line break, which could begin another header.
 */
export async function composeMail(
  deps: { database: Database; mail: Mails },
  input: ActivityInput<'mail.send'>,
  context: CallContext,
): Promise<RenderedMail> {
  const rendered =
    input.template === undefined ? undefined : await renderTemplate(deps, input, input.template, context);
  const subject = input.subject ?? rendered?.subject;
  const text = input.text ?? rendered?.text;
  if (subject === undefined || text === undefined) {
    const missing = subject === undefined ? 'subject' : 'text';
    throw activityFailure('InputInvalid', `mail.send: expected \`${missing}\` or \`template\``);
  }
  if (/\p{Cc}/u.test(subject)) {
    throw activityFailure('InputInvalid', 'mail.send: `subject`: expected one line without control characters');
  }
  return { subject, text };
}

async function renderTemplate(
  { database, mail }: { database: Database; mail: Mails },
  input: ActivityInput<'mail.send'>,
  name: string,
  context: CallContext,
): Promise<RenderedMail> {
  const template = mail.templates.get(name);
  if (mail.faulty?.has(name) === true) {
    throw activityFailure('MailUnavailable', `The mail template ${JSON.stringify(name)} has a mistake`);
  }
  if (template === undefined) {
    const known = [...mail.templates.keys()].join(', ') || 'none';
    throw activityFailure(
      'TemplateUnknown',
      `mail.send: \`template\`: expected one of ${known}, got ${JSON.stringify(name)}`,
    );
  }
  const event = await loadEnvelope(database, context);
  return renderMail(template, { event, values: input.values ?? {}, format: mail.format });
}

async function loadEnvelope(database: Database, context: CallContext): Promise<EventEnvelope> {
  const { source, eventId } = context;
  const envelope = await askDatabase(() => findEnvelope(database, context));
  if (envelope === undefined) throw activityFailure('EventUnknown', `The inbox has no event ${eventId} of ${source}`);
  if (envelope === null) {
    throw activityFailure('EventUnknown', `The details of ${eventId} of ${source} are no longer kept (keepEvents)`);
  }
  return envelope;
}
