import { withoutSecrets } from './describe-error.ts';

/** A setting as people may see it: never the value of a secret. */
export interface ShownSetting {
  name: string;
  /** The heading under which `docs/CONFIGURATION.md` has it. */
  group: string;
  meaning: string;
  isSecret: boolean;
  origin: SettingOrigin;
  /** As it was written, without what may be secret in a URL. Null: there is none, or it is a secret. */
  value: string | null;
}

/** `file`: the one that `<NAME>_FILE` names. `env-file`: `.env`. `default`: nobody has set it. */
export type SettingOrigin = 'default' | 'environment' | 'env-file' | 'file';

/** The value of a setting that is no secret. Somebody may have written a password into it nevertheless: into a URL, or before a host. */
export function shownValue(text: string): string {
  return withoutSecrets(text).replace(/^[^\s/:@<>=,]+:[^\s/@]+@/, '[redacted]@');
}
