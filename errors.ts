/**
 * Every deliberate error of a Kait process. The key is the code that users see and search for; `docs/ERRORS.md` is
 * generated from this table, and a test keeps the two and the code's uses together. Findings in definitions have a table
 * of their own, `language/codes.ts`.
 */
export const errorTable = {
  KAIT_CONFIG_INVALID:
    'A setting has a value that Kait cannot use. The message names the variable and what it expects.',
  KAIT_PORT_IN_USE: 'Another program listens on the port. Stop it, or choose another port with the variable named.',
  KAIT_DATA_FOLDER_IN_USE:
    'Another process holds the data folder. Stop it, or give this one a folder of its own with KAIT_HOME.',
  KAIT_TEMPORAL_CLI_MISSING:
    'There is no usable Temporal CLI and Kait could not obtain one. The message lists every way and why it failed.',
  KAIT_TEMPORAL_START_FAILED:
    'The embedded Temporal server ended at once or did not answer in time. The message ends with its last log lines.',
  KAIT_PATH_MISSING:
    'A path in an expression or a template leads nowhere. The message names the part that is missing and what is there instead.',
  KAIT_EXPRESSION_INVALID:
    'An expression or a template is written wrongly: an unknown operator, a wrong number of arguments, open braces.',
  KAIT_EXPRESSION_TYPE:
    'An operator got a value of a type that it does not take, or its result is not finite. Nothing is converted silently.',
  KAIT_EXPRESSION_LIMIT:
    'An expression or its result is larger than Kait allows inside a workflow. The message names the limit.',
  KAIT_DURATION_INVALID: 'A duration is not a whole number with a unit (500ms, 30s, 5m, 24h, 7d), or exceeds 365 days.',
  KAIT_ENDPOINT_URL_INVALID:
    'The URL of an outbound endpoint is not acceptable: not http(s), no encryption, credentials in it, or a private network.',
  KAIT_ENDPOINT_PATTERN_INVALID:
    'An outbound endpoint subscribes to something that is no event type pattern. Examples: order.created, order.*, *.',
  KAIT_MAIL_TEMPLATE_INVALID:
    'A file in definitions/mails cannot be used. The message names the file and what is wrong.',
  KAIT_DEFINITIONS_INVALID:
    'A workflow definition has mistakes. Each is shown with its place; correct them and start again: nothing was started.',
  KAIT_NOT_RUNNING: 'The command speaks to a running Kait and found none. Start one, or say where it is.',
  KAIT_ADMIN_REFUSED:
    'The running Kait did not take the admin token. Set KAIT_ADMIN_TOKEN to the one it was started with.',
  KAIT_ADMIN_REQUEST_FAILED: 'The running Kait did not carry out what a command asked for. The message says why.',
  KAIT_ADMIN_TOKEN_MISSING: 'A production server needs KAIT_ADMIN_TOKEN, the secret that protects its admin API.',
  KAIT_GATEWAYS_INVALID:
    'A preset in definitions/gateways has mistakes. The message lists all of them with file, line and column.',
  KAIT_SOURCES_INVALID: 'definitions/sources.json has mistakes. The message lists all of them with line and column.',
  KAIT_SECRET_MISSING:
    'A source names an environment variable for its secret that is not set. The message lists every such variable.',
  KAIT_SAMPLE_UNKNOWN:
    'There is no such sample webhook, or no samples of that gateway. The message lists what there is.',
  KAIT_SOURCE_UNKNOWN: 'There is no source of that name in definitions/sources.json. The message says which there are.',
  KAIT_SAMPLE_UNSIGNABLE:
    'Samples of this gateway cannot be signed, since only the gateway has the key. The message says how to have it send one.',
  KAIT_VECTORS_INVALID: 'The file is not a list of test vectors. The message says where it differs.',
  KAIT_PRODUCTION_INCOMPLETE:
    'A server or a worker of its own needs a PostgreSQL and a Temporal cluster. The message names what is not set.',
  KAIT_USAGE: 'A command was given something that it does not understand. The message shows what it expects.',
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof errorTable;

/** An error with a code of the table above. `message` says what was expected, what came, and where. */
export class KaitError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'KaitError';
    this.code = code;
  }
}
