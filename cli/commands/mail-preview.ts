import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { readMailTemplates } from '../../activities/mail/mail-templates.ts';
import { neededValues, placeholdersIn } from '../../activities/mail/placeholders.ts';
import { type MailTemplate, renderMail } from '../../activities/mail/render-mail.ts';
import type { Config } from '../../config.ts';
import { layersOf } from '../../definition-layers.ts';
import { KaitError } from '../../errors.ts';
import { suggest } from '../../language/closest.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import { formatFindings } from '../../language/finding.ts';
import { isLocale } from '../../language/locales.ts';
import { completeEvent, sampleInstant } from '../../simulator/complete-event.ts';
import { checkEvent } from '../../simulator/definition-tests/check-inputs.ts';
import { readText } from '../definition-files.ts';
import type { Pair } from '../option-parsers.ts';
import { sampleEvent } from '../samples.ts';
import { paint } from '../terminal.ts';

export interface MailPreviewOptions {
  /** A file with an event, whole or in part, or a gateway's sample: `stripe/payment_intent.succeeded`. */
  event?: string;
  /** In the place of the mail's own. */
  locale?: string;
  /** What the step would give as `values`. */
  values: readonly Pair[];
  /** A file that ends in `.html` or `.txt`. */
  out?: string;
}

/**
 * `kait mail preview`: writes a mail as it would be sent for an event. Values that nobody gives stand as `[name]`. Throws KAIT_USAGE for a mail
 * or an option that does not exist, and KAIT_MAIL_TEMPLATE_INVALID if the mail has mistakes.
 */
export async function previewMail(
  config: Pick<Config, 'definitions' | 'mail'>,
  name: string,
  options: MailPreviewOptions,
  write: (text: string) => void,
): Promise<void> {
  const template = await templateNamed(name, config.definitions);
  const { locale, out } = options;
  if (locale !== undefined && !isLocale(locale)) {
    throw new KaitError('KAIT_USAGE', `Expected --locale with a language and a region such as id-ID, got ${locale}.`);
  }
  if (out !== undefined && !/\.(?:html|txt)$/.test(out)) {
    throw new KaitError('KAIT_USAGE', `Expected --out with a file that ends in .html or .txt, got ${basename(out)}.`);
  }
  const event = await eventFor(options.event, config.definitions);
  const given = Object.fromEntries(options.values);
  const missing = neededValues([template.subject, template.text]).filter((key) => !Object.hasOwn(given, key));
  const values = { ...Object.fromEntries(missing.map((key) => [key, madeUp(key, template)])), ...given };
  const mail = { ...template, ...(locale === undefined ? {} : { locale }) };
  const rendered = rendering(() => renderMail(mail, { event, values, format: config.mail.format }));
  write(`${paint('strong', `Subject: ${rendered.subject}`)}\n\n${rendered.text}`);
  if (missing.length > 0) write(paint('faint', `Not given, so made up: ${missing.join(', ')}. Use --value name=text.`));
  if (out === undefined) return;
  await writeFile(out, out.endsWith('.html') ? pageOf(rendered) : `Subject: ${rendered.subject}\n\n${rendered.text}\n`);
  write(paint('faint', `Written to ${out}`));
}

function madeUp(key: string, { subject, text }: MailTemplate): string | number {
  const used = [subject, text].flatMap(placeholdersIn).find(({ paths }) => paths[0] === `values.${key}`);
  if (used?.as === 'money') return 2_500_000;
  return used?.as === 'date' ? sampleInstant : `[${key}]`;
}

/** An event without something that the mail needs is no bug. */
function rendering<Rendered>(render: () => Rendered): Rendered {
  try {
    return render();
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
    const hint = 'Give the placeholder a default after a bar, or preview another event with --event.';
    throw new KaitError('KAIT_USAGE', `${error.message} for this event. ${hint}`, { cause: error });
  }
}

async function templateNamed(name: string, definitions: string) {
  const { templates, faulty } = await readMailTemplates(layersOf(definitions, 'mails'));
  const problem = faulty.get(name);
  if (problem !== undefined) throw new KaitError('KAIT_MAIL_TEMPLATE_INVALID', problem);
  const template = templates.get(name);
  if (template !== undefined) return template;
  const names = [...templates.keys(), ...faulty.keys()].sort();
  const hint = suggest(name, names, `The mails are ${names.join(', ') || 'none'}.`);
  throw new KaitError('KAIT_USAGE', `There is no mail "${name}". ${hint}`);
}

async function eventFor(given: string | undefined, definitions: string): Promise<CanonicalEvent> {
  const anyEvent = { on: { event: 'payment.succeeded' } };
  if (given === undefined) return completeEvent({}, anyEvent).event;
  if (!given.endsWith('.json')) return sampleEvent(given, definitions, sampleInstant);
  const input = { file: given, text: await readText(given) };
  const { value, findings } = checkEvent(input);
  if (value === undefined) throw new KaitError('KAIT_USAGE', formatFindings({ ...input, findings }));
  return completeEvent(value, anyEvent).event;
}

function pageOf({ subject, text }: { subject: string; text: string }): string {
  return [
    '<!doctype html>',
    `<html><head><meta charset="utf-8"><title>${escaped(subject)}</title></head>`,
    '<body style="font-family: sans-serif; max-width: 40em; margin: 2em auto">',
    `<h1 style="font-size: 1.2em">${escaped(subject)}</h1>`,
    `<pre style="font-family: inherit; white-space: pre-wrap">${escaped(text)}</pre>`,
    '</body></html>',
    '',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
