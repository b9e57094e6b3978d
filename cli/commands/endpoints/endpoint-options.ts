import { readFile } from 'node:fs/promises';
import { KaitError } from '../../../errors.ts';
import type { Json } from '../../../language/json.ts';
import { parseJson } from '../../../language/parse-json.ts';
import type { paths } from '../../api-types.ts';
import type { Pair } from '../../option-parsers.ts';
import { readJsonOption } from '../../read-json-option.ts';
import { readInput } from '../../terminal.ts';

/** What `kait endpoints add` and `edit` say about an endpoint. `default` takes a value back to its default. */
export interface EndpointOptions {
  events?: string[];
  description?: string;
  header?: Pair[];
  removeHeader?: string[];
  /** A file of JSON, or `-`. */
  secrets?: string;
  clientCert?: string;
  clientKey?: string;
  clientCa?: string;
  signature?: string;
  timeLimit?: string;
  schedule?: string;
  rate?: string;
  concurrency?: string;
  orderBy?: string;
  filter?: string;
  transform?: string;
  permanent?: string[];
  disableAfter?: string;
}

type Body = NonNullable<paths['/endpoints/{endpoint}']['patch']['requestBody']>['content']['application/json'];

const secretFields = ['headers', 'auth', 'clientCertificate', 'secret'] as const;
type Secrets = Partial<Record<(typeof secretFields)[number], Json>>;

/** The options as the API takes them. It checks the values, and says what is wrong. */
export async function bodyOfOptions(options: EndpointOptions): Promise<Body> {
  const { headers: secretHeaders = {}, auth, clientCertificate, secret } = await readSecrets(options.secrets);
  const certificate = (await readCertificate(options)) ?? clientCertificate;
  const removed = (options.removeHeader ?? []).map((name): [string, null] => [name, null]);
  const headers = { ...Object.fromEntries([...removed, ...(options.header ?? [])]), ...(secretHeaders as object) };
  const body: Record<string, unknown> = {
    patterns: options.events,
    description: options.description,
    headers: Object.keys(headers).length === 0 ? undefined : headers,
    ...{ auth, clientCertificate: certificate, secret },
    signature: await signatureOf(options.signature),
    timeLimit: orNull(options.timeLimit),
    schedule: orNull(options.schedule, (text) => text.split(',').map((each) => each.trim())),
    rate: orNull(options.rate, Number),
    concurrency: orNull(options.concurrency, Number),
    ordering: orNull(options.orderBy, (text) => (text === 'none' ? text : { fifo: text })),
    filter: await jsonOrNull('filter', options.filter),
    transform: await jsonOrNull('transform', options.transform),
    permanent: options.permanent?.[0] === 'default' ? null : options.permanent?.map(Number),
    disableAfter: orNull(options.disableAfter),
  };
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}

function orNull<Value = string>(
  text: string | undefined,
  parse: (text: string) => Value = (text) => text as Value,
): Value | null | undefined {
  return text === 'default' ? null : text === undefined ? undefined : parse(text);
}

async function jsonOrNull(option: string, given: string | undefined): Promise<Json | undefined> {
  return given === undefined ? undefined : given === 'default' ? null : readJsonOption(option, given);
}

async function signatureOf(given: string | undefined): Promise<Json | undefined> {
  if (given === undefined || given === 'default') return given === undefined ? undefined : null;
  const versions = given.split(',').map((each) => each.trim());
  if (versions.every((version) => version === 'v1' || version === 'v1a')) return { standard: versions };
  return readJsonOption('signature', given);
}

/** Never on the command line, which every user of the machine can see, and which shells keep. */
async function readSecrets(file: string | undefined): Promise<Secrets> {
  if (file === undefined) return {};
  const expected = `Expected ${file === '-' ? 'standard input' : file} to be a JSON object with some of ${secretFields.join(', ')}`;
  const text = (await readInput(file)).toString('utf8');
  const given = parsed(text);
  if (given === null || typeof given !== 'object' || Array.isArray(given)) throw usage(`${expected}.`);
  const unknown = Object.keys(given).find((name) => !(secretFields as readonly string[]).includes(name));
  if (unknown !== undefined) throw usage(`${expected}, and it has ${JSON.stringify(unknown)}.`);
  return given;
}

/** The message of a parser would show a piece of the text. */
function parsed(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

async function readCertificate({ clientCert, clientKey, clientCa }: EndpointOptions) {
  if (clientCert === undefined && clientKey === undefined && clientCa === undefined) return undefined;
  if (clientCert === 'default') return null;
  if (clientCert === undefined || clientKey === undefined) {
    throw usage('Expected --client-cert and --client-key together, each the path of a PEM file.');
  }
  const [certificate, key] = [await readPem(clientCert), await readPem(clientKey)];
  const authority = clientCa === undefined ? null : await readPem(clientCa);
  return { certificate, key, authority };
}

async function readPem(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new KaitError('KAIT_USAGE', `${file} cannot be read.`, { cause: error });
  });
}

function usage(message: string): KaitError {
  return new KaitError('KAIT_USAGE', message);
}
