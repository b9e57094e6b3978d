import { KaitError } from '../../errors.ts';

/** What a new project is like. */
export interface Answers {
  /** Also the name of the Docker Compose project. */
  name: string;
  /** The names of the gateways that are mounted; the first gets a workflow. */
  gateways: string[];
  /** Where Kait's data is while one develops: files in `.kait`, or PostgreSQL. */
  database: 'embedded' | 'postgres';
  /** Where mails go while one develops: files in `.kait/mail`, or a mail server. */
  mail: 'files' | 'smtp';
}

/** What the command line says already. */
export type GivenAnswers = { [Name in keyof Answers]?: Answers[Name] | undefined };

/** Why a name cannot be one of a npm package and of a Docker Compose project; null if it can. */
export function nameProblem(name: string): string | null {
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) return null;
  return `Expected a name of lower-case letters, digits and hyphens, got "${name}".`;
}

export function withDefaults(given: GivenAnswers, defaults: Answers): Answers {
  return {
    name: given.name ?? defaults.name,
    gateways: given.gateways ?? defaults.gateways,
    database: given.database ?? defaults.database,
    mail: given.mail ?? defaults.mail,
  };
}

/** Asks on the terminal for what is not given. Throws KAIT_USAGE if there is no terminal, or if the user gives up. */
export async function askAnswers(
  given: GivenAnswers,
  defaults: Answers,
  gateways: readonly { name: string; title: string }[],
): Promise<Answers> {
  if (!process.stdin.isTTY) {
    throw new KaitError(
      'KAIT_USAGE',
      'Nobody can answer here. Use --yes, and --gateway <names...> for what is to be mounted.',
    );
  }
  const { autocompleteMultiselect, isCancel, select, text } = await import('@clack/prompts');
  const answered = async <Value>(answer: Promise<Value>): Promise<Exclude<Value, symbol>> => {
    const value = await answer;
    if (isCancel(value)) throw new KaitError('KAIT_USAGE', 'Nothing was written.');
    return value as Exclude<Value, symbol>;
  };
  return {
    name:
      given.name ??
      (await answered(
        text({
          message: 'Name of the project',
          initialValue: defaults.name,
          validate: (value) => nameProblem(value ?? '') ?? undefined,
        }),
      )),
    gateways:
      given.gateways ??
      (await answered(
        autocompleteMultiselect({
          message: 'Gateways (type to search, Tab to choose)',
          options: gateways.map(({ name, title }) => ({ value: name, label: title, hint: name })),
          maxItems: 8,
          required: true,
        }),
      )),
    database:
      given.database ??
      (await answered(
        select<Answers['database']>({
          message: 'Database while you develop',
          options: [
            { value: 'embedded', label: 'Embedded', hint: 'nothing to install; production uses PostgreSQL' },
            { value: 'postgres', label: 'PostgreSQL', hint: 'that you run already' },
          ],
        }),
      )),
    mail:
      given.mail ??
      (await answered(
        select<Answers['mail']>({
          message: 'Mails while you develop',
          options: [
            { value: 'files', label: 'Files in .kait/mail', hint: 'nothing is sent' },
            { value: 'smtp', label: 'A mail server' },
          ],
        }),
      )),
  };
}
