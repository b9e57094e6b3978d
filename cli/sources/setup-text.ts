import pc from 'picocolors';
import type { CompiledPreset } from '../../server/gateway/presets.ts';
import type { SourceEntry } from '../../server/gateway/source-schema.ts';

/** A source as it stands in the file, and what is known of its secrets. */
export interface DescribedSource {
  name: string;
  entry: SourceEntry;
  preset: CompiledPreset['declared'];
  /** How the gateway reaches it. */
  url: string;
  /** Variables that are named but not set. */
  missing: string[];
}

/** What to do in the gateway's dashboard, and with its secret. Never the secret itself. */
export function setupText({ name, entry, preset, url, missing }: DescribedSource): string {
  const { setup, retries, unsigned } = preset;
  return [
    `${pc.bold(preset.title)}, mounted as "${name}"`,
    '',
    `${pc.dim('Address')}  ${pc.cyan(url)}`,
    `${pc.dim('Where')}    ${setup.where}`,
    ...setup.steps.map((step, index) => `  ${index + 1}. ${step.replaceAll('{url}', url)}`),
    '',
    `${pc.dim('Secret')}   ${setup.secret}`,
    ...variablesOf(entry).map((variable) => `  ${variableLine(variable, missing.includes(variable))}`),
    ...(retries === undefined ? [] : ['', `${pc.dim('Retries')}  ${retries}`]),
    ...unsignedLines(unsigned, entry),
    '',
    `Try it:  ${pc.green(`kait sources test ${name}`)}`,
  ].join('\n');
}

/** Every variable that a source names. */
export function variablesOf({ secrets, keyring, pathSecret, apiKey }: SourceEntry): string[] {
  return [...new Set([...secrets, ...Object.values(keyring), pathSecret, apiKey].filter((each) => each !== undefined))];
}

function variableLine(variable: string, isMissing: boolean): string {
  if (!isMissing) return `${pc.green('✔')} ${variable} is set`;
  return `${pc.yellow('!')} ${variable} is not set: put the secret into the environment, into .env, or into a file that ${variable}_FILE names`;
}

function unsignedLines(unsigned: string[], { confirm }: SourceEntry): string[] {
  if (unsigned.length === 0) return [];
  const advice = confirm
    ? 'Each run asks the gateway first (confirm).'
    : 'Let each run ask the gateway first: "confirm": true';
  return ['', `${pc.dim('Not signed')}  ${unsigned.join(', ')}`, `  ${advice}`];
}
