import { z } from 'zod';
import { closest } from '../closest.ts';
import type { Finding } from '../finding.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { type SecretBinding, type SecretBindings, secretName } from '../secret-bindings.ts';
import { parseSecretHost } from '../secret-hosts.ts';
import { membersOf } from './context.ts';
import { checkForm } from './form.ts';
import { parseSource } from './parse-source.ts';
import type { Path, Report } from './report.ts';
import { definitionName } from './texts.ts';

const entrySchema = z.strictObject({
  hosts: z
    .array(z.string().min(1).max(300))
    .min(1)
    .max(50)
    .describe(
      'Where the secret may be sent: "api.shop.example", "api.shop.example:8443", or "*.api.shop.example" for every name below a domain of at least three parts. Only over https, except to localhost; "http://10.0.0.5:8080" permits plain http.',
    ),
  definitions: z
    .array(definitionName)
    .min(1)
    .max(500)
    .optional()
    .describe('The names of the definitions that may use the secret. Default: all of them.'),
});

/** `definitions/secrets.json`: who may use which secret, and where it may be sent. */
export const secretsFileSchema = z.object({ $schema: z.string().optional() }).catchall(entrySchema);

/** What the definitions of the same folder use. */
export interface UsedSecrets {
  secrets: readonly string[];
  /** Their names. */
  definitions: readonly string[];
}

/**
 * Reads the text of `secrets.json` and reports every mistake in it at once. After an error the bindings are null. With `used`, entries
 * and names that nothing needs are warnings. Never throws.
 */
export function readSecretBindings(
  { file, text }: { file: string; text: string },
  used?: UsedSecrets,
): { bindings: SecretBindings | null; findings: Finding[] } {
  const { report, value } = parseSource(file, text);
  if (value !== undefined && !isObject(value)) {
    report.add('KAIT1103', { path: [] }, 'secrets.json must be an object.');
  }
  if (isObject(value)) checkEntries(value, report, used);
  const isSound = isObject(value) && !report.hasErrors();
  return { bindings: isSound ? bindingsOf(value) : null, findings: report.findings() };
}

function checkEntries(value: JsonObject, report: Report, used: UsedSecrets | undefined): void {
  checkForm(secretsFileSchema, value, [], 'secrets.json', report);
  for (const { key: name, value: entry, path } of membersOf(value, [])) {
    if (name === '$schema') continue;
    if (!secretName.test(name)) {
      const hint = 'The names of the secrets that definitions may use start with KAIT_SECRET_.';
      report.add('KAIT1109', { path, on: 'key' }, `"${name}" is not the name of a secret of definitions.`, hint);
    }
    if (!isObject(entry)) continue; // Reported by the check of the form.
    checkHosts(entry.hosts, [...path, 'hosts'], report);
    if (used !== undefined) warnOfUnused(name, entry, path, report, used);
  }
}

function checkHosts(hosts: Json | undefined, path: Path, report: Report): void {
  if (!Array.isArray(hosts)) return;
  for (const [position, host] of hosts.entries()) {
    const parsed = typeof host === 'string' && host !== '' ? parseSecretHost(host) : undefined;
    if (parsed === undefined || !('problem' in parsed)) continue;
    const hint = 'Write a host such as api.shop.example, api.shop.example:8443 or *.api.shop.example.';
    report.add('KAIT1504', { path: [...path, position] }, parsed.problem, hint);
  }
}

function warnOfUnused(name: string, entry: JsonObject, path: Path, report: Report, used: UsedSecrets): void {
  if (!used.secrets.includes(name)) {
    const near = closest(name, used.secrets);
    const hint = near === undefined ? 'Remove it if no definition elsewhere needs it.' : `Did you mean ${near}?`;
    report.add('KAIT1505', { path, on: 'key' }, `No definition of this folder uses ${name}.`, hint);
  }
  const { definitions } = entry;
  if (!Array.isArray(definitions)) return;
  for (const [position, definition] of definitions.entries()) {
    if (typeof definition !== 'string' || used.definitions.includes(definition)) continue;
    const near = closest(definition, used.definitions);
    const place = { path: [...path, 'definitions', position] };
    const hint = near === undefined ? undefined : `Did you mean "${near}"?`;
    report.add('KAIT1505', place, `This folder has no definition "${definition}".`, hint);
  }
}

function bindingsOf(value: JsonObject): SecretBindings {
  const entries = Object.entries(secretsFileSchema.parse(value));
  return new Map(
    entries.flatMap(([name, entry]): [string, SecretBinding][] => {
      if (typeof entry !== 'object') return []; // `$schema`.
      const hosts = entry.hosts.map(parseSecretHost).flatMap((host) => ('problem' in host ? [] : [host]));
      return [[name, { hosts, definitions: entry.definitions }]];
    }),
  );
}
