import type { components } from '../../../cli/api-types.ts';

export type Gateway = components['schemas']['Gateway'];

/** What the wizard asks for. */
export interface NewSource {
  name: string;
  variable: string;
  /** Of the key, for gateways that give their keys ids. */
  keyId: string;
  isSandbox: boolean;
  confirm: boolean;
  settings: Record<string, string>;
}

/** The first free name, and what is usual for the gateway. */
export function suggested({ name, confirm }: Gateway, taken: readonly string[]): NewSource {
  const plain = name.replaceAll('_', '-');
  const names = [plain, ...Array.from({ length: 98 }, (_, index) => `${plain}-${index + 2}`)];
  const free = names.find((each) => !taken.includes(each)) ?? plain;
  return {
    name: free,
    variable: '',
    keyId: '',
    isSandbox: false,
    confirm: confirm?.level === 'required',
    settings: {},
  };
}

/** The variable that holds its secret, unless another was named. Null: it needs none. */
export function variableOf({ needs }: Gateway, { name, variable }: NewSource): string | null {
  if (needs === 'nothing') return null;
  const endings = { secrets: 'WEBHOOK_SECRET', keyring: 'KEY', 'path-secret': 'PATH_SECRET' };
  return variable.trim() || `${name.toUpperCase().replaceAll('-', '_')}_${endings[needs]}`;
}

/** The command that adds the source. Values are quoted for a shell. */
export function addCommand(gateway: Gateway, chosen: NewSource): string {
  const variable = variableOf(gateway, chosen);
  const required = gateway.confirm?.level === 'required';
  return [
    `kait sources add ${quoted(chosen.name)} --gateway ${quoted(gateway.name)}`,
    ...(variable === null ? [] : [secretOption(gateway, chosen, variable)]),
    ...gateway.settings.flatMap(({ name }) => {
      const value = chosen.settings[name]?.trim() ?? '';
      return value === '' ? [] : [`--set ${quoted(`${name}=${value}`)}`];
    }),
    ...(chosen.isSandbox ? ['--sandbox'] : []),
    ...(gateway.confirm === null || chosen.confirm === required ? [] : [chosen.confirm ? '--confirm' : '--no-confirm']),
  ].join(' \\\n  ');
}

function secretOption({ needs }: Gateway, { keyId }: NewSource, variable: string): string {
  if (needs !== 'keyring') return `--secret ${quoted(variable)}`;
  const id = keyId.trim();
  return `--key ${quoted(`${id === '' ? '<id>' : id}=${variable}`)}`;
}

function quoted(text: string): string {
  return /^[\w.,:/@=+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
