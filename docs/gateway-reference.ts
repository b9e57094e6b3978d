import { fileURLToPath } from 'node:url';
import type { CompiledPreset } from '../server/gateway/compile-preset.ts';
import { loadPresets } from '../server/gateway/load-presets.ts';
import type { Preset } from '../server/gateway/preset.ts';

/** `docs/GATEWAYS.md`, from the presets of `definitions/gateways`. */
export async function gatewayReference(): Promise<string> {
  const presets = await loadPresets(fileURLToPath(new URL('../definitions/gateways', import.meta.url)));
  const sorted = [...presets.values()].sort((a, b) => a.declared.title.localeCompare(b.declared.title, 'en'));
  return [
    '# Gateways',
    '',
    'Written by `npm run docs` from `definitions/gateways`. Each gateway is one JSON file; see [Add a gateway](EXTENDING.md#add-a-gateway).',
    '`npm run kait -- sources add` mounts a gateway and says what to choose in its dashboard.',
    '',
    '*Asks*: what Kait can ask the gateway. `confirm`: whether an event is true, as the first step of each run. `fetch`: the event',
    'itself, since what comes in is a notice. `list`: for events that never arrived.',
    '',
    '| gateway | preset | verified by | asks |',
    '| --- | --- | --- | --- |',
    ...sorted.map(row),
    '',
    ...sorted.flatMap(section),
  ].join('\n');
}

function row({ name, declared: preset }: CompiledPreset): string {
  return `| [${preset.title}](#${name}) | \`${name}\` | ${schemesOf(preset)} | ${asksOf(preset)} |`;
}

function section({ name, declared: preset }: CompiledPreset): string[] {
  const { setup, settings, unsigned, retries, docs = [] } = preset;
  return [
    `<a id="${name}"></a>`,
    '',
    `## ${preset.title}`,
    '',
    `- **Preset** \`${name}\`, verified by ${schemesOf(preset)}.`,
    ...line('Dashboard', setup.where),
    ...line('Secret', setup.secret),
    ...Object.entries(settings).flatMap(([setting, { about, optional }]) =>
      line(`Setting \`${setting}\`${optional ? ' (optional)' : ''}`, about),
    ),
    `- **Event id**: ${preset.event.id.map((place) => `\`${place}\``).join(', else ')}, else the hash of the body.`,
    ...line('Not signed', unsigned.join(', ')),
    ...line('Confirm', confirmOf(preset)),
    ...line('Sends again', retries),
    ...line('Addresses', addressesOf(preset)),
    ...line('Documentation', docs.map((url) => `<${url}>`).join(', ')),
    '',
  ];
}

function line(what: string, text: string | undefined): string[] {
  return text === undefined || text === '' ? [] : [`- **${what}**: ${text}${/[.>]$/.test(text) ? '' : '.'}`];
}

const schemeNames = {
  hmac: 'HMAC',
  hash: 'a hash with the secret in it',
  token: 'a token that it carries',
  asymmetric: 'a signature by the gateway’s key',
  jwt: 'a JSON Web Token',
  none: 'nothing: it is a notice',
} as const;

function schemesOf({ verify: { any, all = [] } }: Preset): string {
  const names = (any ?? all).map((each) => {
    const algorithm = 'algorithm' in each && typeof each.algorithm === 'string' ? ` (${each.algorithm})` : '';
    return `${schemeNames[each.scheme]}${algorithm}`;
  });
  return [...new Set(names)].join(any === undefined ? ' and ' : ' or ');
}

function asksOf({ confirm, fetch, list }: Preset): string {
  const asks = [confirm && `confirm (${confirm.level})`, fetch && 'fetch', list && 'list'];
  return asks.filter((each) => each !== undefined).join(', ');
}

function confirmOf({ confirm }: Preset): string | undefined {
  return confirm && `${confirm.level}. ${confirm.why}`;
}

function addressesOf({ addresses }: Preset): string | undefined {
  if (addresses === undefined) return undefined;
  const count = addresses.live.length + addresses.sandbox.length;
  const known = count === 0 ? '' : `${count} in the preset, for \`"allowFrom": ["documented"]\`. `;
  return `${known}${addresses.docs === undefined ? '' : `<${addresses.docs}>`}`.trim();
}
