/**
 * Every deliberate error of a Kait process, by the code that users see and search for. `docs/ERRORS.md` is generated from this
 * table, and a test checks that each code is used and documented. `language/codes.ts` has the codes of findings in definitions.
 */
export const errorTable = {
  KAIT_CONFIG_INVALID:
    'A setting has a value that Kait cannot use. The message names each such variable and says what it must be. Correct them and start again.',
  KAIT_PORT_IN_USE:
    'Another program is listening on the port. Stop it, or set the variable in the message to a different port.',
  KAIT_DATA_FOLDER_IN_USE:
    'Another process is using the data folder. Stop that process, or set KAIT_HOME to a different folder.',
  KAIT_TEMPORAL_CLI_MISSING:
    'Kait found no usable Temporal CLI and could not download one. The message lists what it tried and why each attempt failed. Install the CLI, or set TEMPORAL_CLI_PATH.',
  KAIT_TEMPORAL_START_FAILED:
    'The embedded Temporal server exited or did not answer in time. The message ends with the last lines of its log.',
  KAIT_PATH_MISSING:
    'A path in an expression or a template does not exist. The message names the missing part and what is there instead.',
  KAIT_EXPRESSION_INVALID:
    'An expression or a template is malformed: for example, an unknown operator, a wrong number of arguments or unclosed braces.',
  KAIT_EXPRESSION_TYPE:
    'An operator got a value of a type that it does not accept, or its result is not a finite number. Kait never converts types silently.',
  KAIT_EXPRESSION_LIMIT:
    'An expression or its result is larger than Kait allows inside a workflow. The message names the limit.',
  KAIT_DURATION_INVALID:
    'A duration must be a whole number with a unit, such as 500ms, 30s, 5m, 24h or 7d, and at most 365 days.',
  KAIT_ENDPOINT_URL_INVALID:
    'Kait does not deliver to this URL. It must use https without credentials and must not point to a private network that KAIT_OUTBOUND_ALLOW does not name. The message names the problem.',
  KAIT_ENDPOINT_PATTERN_INVALID:
    'An outbound endpoint subscribes to something that is not an event type pattern. Valid patterns are order.created, order.* and *.',
  KAIT_ENDPOINT_SECRET_INVALID:
    'The signing secret that a receiver already has is not one that Kait can sign with. The message says what it must look like.',
  KAIT_ENDPOINT_INVALID:
    'The options of an outbound endpoint contradict each other or cannot be used: a filter or a transformation with a mistake, a certificate without its key, or more than a tenant may have. The message says what.',
  KAIT_SECRETS_KEY_MISSING:
    'Kait keeps the secrets of endpoints encrypted and has no key for it. Set KAIT_SECRETS_KEY to 32 random bytes: `openssl rand -hex 32` makes them. Servers and workers need the same.',
  KAIT_SECRETS_KEY_UNKNOWN:
    'Secrets in the database are sealed with a key that this process does not have. Add the key that the message names behind the current one in KAIT_SECRETS_KEY.',
  KAIT_SECRETS_UNREADABLE:
    'Secrets in the database cannot be opened with their key: somebody has changed the row or copied it from another. Remove what the message names, and add it again.',
  KAIT_MAIL_TEMPLATE_INVALID:
    'Kait cannot use a file in definitions/mails. The message names the file and the problem.',
  KAIT_DEFINITIONS_INVALID:
    'A workflow definition or definitions/secrets.json has mistakes, and Kait was started with --strict or checks it for another command. The message shows where each mistake is.',
  KAIT_SETTINGS_INVALID:
    'An environment variable gives a setting of definitions/settings.json a value of another type, names no setting, or is missing for a setting without a default. The message says what to do about each.',
  KAIT_NOT_RUNNING: 'This command needs a running Kait, but none was found. Start one, or set KAIT_ADMIN_URL.',
  KAIT_ADMIN_REFUSED:
    'The running Kait did not accept the API key. Set KAIT_ADMIN_TOKEN to a key of `kait keys add`, or to the token that Kait was started with.',
  KAIT_ADMIN_REQUEST_FAILED: 'The running Kait could not do what the command asked for. The message gives the reason.',
  KAIT_ADMIN_TOKEN_MISSING:
    'A production server needs KAIT_ADMIN_TOKEN, the secret that protects its API. Set it to at least 16 random characters.',
  KAIT_GATEWAYS_INVALID:
    'A preset in definitions/gateways has mistakes. The message lists each one with its file, line and column.',
  KAIT_SOURCES_INVALID: 'definitions/sources.json has mistakes. The message lists each one with its line and column.',
  KAIT_SECRET_MISSING:
    'A source takes its secret from an environment variable that is not set. The message lists each such variable. Set them, or remove the source.',
  KAIT_EVENT_UNKNOWN:
    'The inbox has no event of this source and id. kait events lists the newest ones; ids may have changed with a preset.',
  KAIT_SAMPLE_UNKNOWN:
    'There is no sample webhook of this name, or the gateway has no samples. The message lists the samples that exist.',
  KAIT_SOURCE_UNKNOWN: 'definitions/sources.json has no source of this name. The message lists the sources that exist.',
  KAIT_SAMPLE_UNSIGNABLE:
    'Kait cannot sign samples of this gateway, because only the gateway has the key. The message says how to make the gateway send a test webhook.',
  KAIT_BODY_UNREADABLE:
    'Kait does not sign this body, because the preset of its source reads no event in it, or another one than the one that is sent again. The message says which; `--force` signs it anyway.',
  KAIT_VECTORS_INVALID: 'The file is not a list of test vectors. The message says where it differs.',
  KAIT_PRODUCTION_INCOMPLETE:
    'A separate server or worker needs PostgreSQL and a Temporal cluster. The message names the variables that are not set.',
  KAIT_MIGRATIONS_INVALID:
    'A file in the folder of migrations has a name or an encoding that Kait cannot use. The message lists each such file and what to do.',
  KAIT_MIGRATIONS_CHANGED:
    'A migration was changed or removed after it had been applied, or one is to be applied before one that already was. Databases would no longer be alike, so Kait applies nothing. The message says what to do about each file.',
  KAIT_DATABASE_NOT_EMPTY:
    'kait copy-database found rows in the database of DATABASE_URL, or a table missing. It copies into an empty database only. The message names the table.',
  KAIT_DATABASE_STOPPED:
    'The thread of the embedded database has ended, so the process ends, too. Every acknowledged webhook is stored, and the next start goes on with it. The message gives the reason; the most likely ones are too little memory and a full disk.',
  KAIT_MIGRATIONS_PENDING:
    'The project has migrations that were not applied to the database. A server or a worker does not apply them, because several may start at once, and their user may lack the rights. Run kait migrate first.',
  KAIT_MIGRATION_FAILED:
    'A statement of a migration failed. The message shows the place and the reason of the database. Nothing of this file was applied; files before it were.',
  KAIT_ACTIVITIES_NOT_BUILT:
    'The project has activities in TypeScript, and production runs only what "kait build" has compiled. Run it, and copy dist/ into the image.',
  KAIT_PUBLISH_REFUSED:
    'Runs under way could not go on with these definitions, it is unknown whether they could, or the server lacks a secret. The message lists the reasons and how many runs there are.',
  KAIT_SET_INVALID:
    'A set of definitions that was sent to a running Kait has a mistake, is too large, or holds files that belong to no set. Nothing was published, and what was served before still is. The message lists every mistake.',
  KAIT_USAGE: 'A command got an argument or option that it does not accept. The message says what it expects.',
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof errorTable;

/** An error with a code of the table above. `message` says what was expected, what was found and where, then the remedy. */
export class KaitError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'KaitError';
    this.code = code;
  }
}
