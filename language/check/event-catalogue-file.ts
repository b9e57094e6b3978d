import { z } from 'zod';
import { defaultCatalogue, type EventCatalogue } from '../event-types.ts';
import type { Finding } from '../finding.ts';
import { isObject } from '../json.ts';
import { checkForm } from './form.ts';
import { parseSource } from './parse-source.ts';

/** `definitions/event-types.json`. */
export const eventCatalogueSchema = z.strictObject({
  $schema: z.string().optional(),
  title: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('The title of the catalogue for receivers. Default: "Webhooks".'),
  description: z.string().max(4_000).optional().describe('What receivers read first.'),
  version: z.string().min(1).max(50).optional().describe('Of the catalogue, for receivers. Default: "1".'),
  contact: z
    .strictObject({
      name: z.string().min(1).max(200).optional(),
      url: z
        .url({ protocol: /^https?$/ })
        .max(500)
        .optional(),
      email: z.email().max(254).optional(),
    })
    .optional()
    .describe('Whom receivers ask.'),
  strict: z.boolean().optional().describe('With true, a step may only emit types that are described. Default: false.'),
});

/** Reads the text of `event-types.json` and reports every mistake at once; after one, `about` is null. Never throws. */
export function readEventCatalogue({ file, text }: { file: string; text: string }): {
  about: EventCatalogue | null;
  findings: Finding[];
} {
  const { report, value } = parseSource(file, text);
  if (value !== undefined && !isObject(value)) {
    report.add('KAIT1103', { path: [] }, 'event-types.json must be an object.');
  }
  if (isObject(value)) checkForm(eventCatalogueSchema, value, [], 'event-types.json', report);
  if (!isObject(value) || report.hasErrors()) return { about: null, findings: report.findings() };
  const { title, description, version, contact, strict } = eventCatalogueSchema.parse(value);
  const { title: anyTitle, version: anyVersion } = defaultCatalogue;
  const about = {
    ...{ title: title ?? anyTitle, description, version: version ?? anyVersion, contact },
    strict: strict === true,
  };
  return { about, findings: report.findings() };
}
