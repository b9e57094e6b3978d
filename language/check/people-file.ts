import { z } from 'zod';
import { approvalLimits, type Person, personKey } from '../approval.ts';
import type { Finding } from '../finding.ts';
import { isObject, type JsonObject } from '../json.ts';
import { membersOf } from './context.ts';
import { checkForm } from './form.ts';
import { parseSource } from './parse-source.ts';
import type { Report } from './report.ts';

/** Letters, digits and what names and addresses hold; no blanks at the ends, no control characters. */
const idPattern = /^[^\s\p{C}](?:[^\p{C}\p{Zl}\p{Zp}]{0,198}[^\s\p{C}])?$/u;

const personSchema = z.strictObject({
  name: z.string().min(1).max(200).optional().describe('For people to read. Default: the id.'),
  mail: z.email().max(254).optional().describe('Where questions are sent. Each person has an address of their own.'),
  roles: z
    .array(z.string().regex(/^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/))
    .max(approvalLimits.roles)
    .optional()
    .describe('What the person may answer: the roles that approve steps name.'),
});

/** `definitions/people.json`: who may answer `approve` steps, and where they are asked. */
export const peopleFileSchema = z.object({ $schema: z.string().optional() }).catchall(personSchema);

/** The people of a file by `personKey`. */
export type People = ReadonlyMap<string, Person>;

/** Reads the text of `people.json` and reports every mistake in it at once. After an error the people are null. Never throws. */
export function readPeople({ file, text }: { file: string; text: string }): {
  people: People | null;
  findings: Finding[];
} {
  const { report, value } = parseSource(file, text);
  if (value !== undefined && !isObject(value)) report.add('KAIT1103', { path: [] }, 'people.json must be an object.');
  if (isObject(value)) checkPeople(value, report);
  const isSound = isObject(value) && !report.hasErrors();
  return { people: isSound ? peopleOf(value) : null, findings: report.findings() };
}

/** One person with two ids, or two with one address, could answer twice. */
function checkPeople(value: JsonObject, report: Report): void {
  checkForm(peopleFileSchema, value, [], 'people.json', report);
  const ids = new Map<string, string>();
  const addresses = new Map<string, string>();
  for (const { key: id, value: person, path } of membersOf(value, [])) {
    if (id === '$schema') continue;
    if (!idPattern.test(id)) {
      const message = `"${id}" is not a person's id: 1 to 200 characters, without blanks at its ends and without control characters.`;
      report.add('KAIT1109', { path, on: 'key' }, message);
    }
    const other = ids.get(personKey(id));
    if (other !== undefined) report.add('KAIT1003', { path, on: 'key' }, `"${id}" and "${other}" are the same person.`);
    ids.set(personKey(id), id);
    if (!isObject(person) || typeof person.mail !== 'string') continue;
    const owner = addresses.get(personKey(person.mail));
    if (owner !== undefined) {
      const message = `"${id}" and "${owner}" have the same address, so one could answer for both.`;
      report.add('KAIT1003', { path: [...path, 'mail'] }, message);
    }
    addresses.set(personKey(person.mail), id);
  }
}

function peopleOf(value: JsonObject): People {
  const entries = Object.entries(peopleFileSchema.parse(value));
  return new Map(
    entries.flatMap(([id, person]): [string, Person][] => {
      if (typeof person !== 'object') return []; // `$schema`.
      const { name = null, mail = null, roles = [] } = person;
      return [[personKey(id), { id, name, mail, roles }]];
    }),
  );
}
