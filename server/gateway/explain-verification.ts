import type { CanonicalEvent } from '../../language/event.ts';
import { readWebhook } from './ask/read-webhook.ts';
import type { CompiledPreset } from './presets.ts';
import { createRequestView, headerText, type InboundRequest } from './request-view.ts';
import type { Credentials, RejectionReason } from './schemes/scheme.ts';
import { faultOf } from './secret-faults.ts';
import { verifyRequest } from './verify.ts';

/** A request as somebody has copied it, with what it may be verified with. */
export interface TriedRequest {
  request: InboundRequest;
  credentials: Credentials;
  settings: Readonly<Record<string, string>>;
}

/** What would make a request genuine that is not, or what kept it from being so. */
export type Remedy =
  | 'body-without-last-line-break'
  | 'body-with-line-break'
  | 'body-with-unix-line-ends'
  | 'body-with-windows-line-ends'
  | 'body-without-blanks-around'
  | 'body-compact-json'
  | 'secret-without-blanks-around'
  | 'secret-without-quotes'
  | 'secret-without-whsec'
  | 'secret-with-whsec'
  | 'age-only';

export interface Explanation {
  /** Null: it is genuine. */
  reason: RejectionReason | null;
  /** What was changed to make it genuine. Empty: it is, or nothing helped. */
  remedies: Remedy[];
  /** The headers that the preset verifies with, and whether the request has them. */
  headers: { name: string; isPresent: boolean }[];
  /** What looks wrong with the secrets, by their places. */
  secretFaults: { secret: number; fault: string }[];
  /** The events that Kait reads from the request, without their data. Whether they are true is another question. */
  events: Omit<CanonicalEvent, 'data'>[];
  /** Why the first event cannot be read. */
  unreadable: string | null;
}

const mostEvents = 20;

/**
 * Verifies a copied request as the receiver would, and if that fails, tries what commonly goes wrong while copying: a line break more or less, a body
 * that was formatted, a secret with blanks. Never throws; stores and fetches nothing.
 */
export async function explainVerification(
  preset: CompiledPreset,
  tried: TriedRequest,
  { checksAge, nowMs }: { checksAge: boolean; nowMs: number },
): Promise<Explanation> {
  const { request, credentials, settings } = tried;
  const secrets = [...credentials.secrets, ...credentials.keyring.values()];
  const verification = await verify(preset, tried, checksAge ? nowMs : null);
  const view = createRequestView(request, preset.body, settings);
  const source = { name: preset.name, preset, completes: false, test: true };
  const events = readWebhook(source, view, new Date(nowMs)).slice(0, mostEvents);
  return {
    reason: verification.ok ? null : verification.reason,
    remedies: verification.ok ? [] : await remediesOf(preset, tried, checksAge),
    headers: headersOf(preset).map((name) => ({ name, isPresent: (headerText(request, name) ?? '') !== '' })),
    secretFaults: secrets.flatMap((secret, index) => {
      const fault = faultOf('The secret', secret);
      return fault === null ? [] : [{ secret: index, fault }];
    }),
    events: events.map(({ event }) => withoutData(event)),
    unreadable: events[0]?.unreadable ?? null,
  };
}

function withoutData(event: CanonicalEvent): Omit<CanonicalEvent, 'data'> {
  const rest: Partial<CanonicalEvent> = { ...event };
  delete rest.data;
  return rest as Omit<CanonicalEvent, 'data'>;
}

function verify(preset: CompiledPreset, { request, credentials, settings }: TriedRequest, nowMs: number | null) {
  return verifyRequest(preset, createRequestView(request, preset.body, settings), credentials, nowMs);
}

async function remediesOf(preset: CompiledPreset, tried: TriedRequest, checksAge: boolean): Promise<Remedy[]> {
  if (checksAge && (await verify(preset, tried, null)).ok) return ['age-only'];
  const { request, credentials } = tried;
  const bodies = bodyVariants(request.body);
  const secrets = secretVariants(credentials);
  for (const [remedies, body, others] of [
    ...bodies.map(([remedy, body]) => [[remedy], body, credentials] as const),
    ...secrets.map(([remedy, others]) => [[remedy], request.body, others] as const),
    ...bodies.flatMap(([first, body]) => secrets.map(([second, others]) => [[first, second], body, others] as const)),
  ]) {
    const changed = { ...tried, request: { ...request, body }, credentials: others };
    if ((await verify(preset, changed, null)).ok) return [...remedies];
  }
  return [];
}

/** Bytes that are no UTF-8 are not changed: nobody has copied them as a text. */
function bodyVariants(body: Buffer): [Remedy, Buffer][] {
  const text = body.toString('utf8');
  if (!Buffer.from(text).equals(body)) return [];
  const variants: [Remedy, string | null][] = [
    ['body-without-last-line-break', text.replace(/\r?\n$/, '')],
    ['body-with-line-break', `${text}\n`],
    ['body-with-unix-line-ends', text.replaceAll('\r\n', '\n')],
    ['body-with-windows-line-ends', text.replaceAll(/\r?\n/g, '\r\n')],
    ['body-without-blanks-around', text.trim()],
    ['body-compact-json', compact(text)],
  ];
  return variants.flatMap(([remedy, changed]): [Remedy, Buffer][] =>
    changed === null || changed === text ? [] : [[remedy, Buffer.from(changed)]],
  );
}

/** As most gateways write it. Null: it is no JSON. */
function compact(text: string): string | null {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return null;
  }
}

function secretVariants(credentials: Credentials): [Remedy, Credentials][] {
  const changes: [Remedy, (secret: string) => string][] = [
    ['secret-without-blanks-around', (secret) => secret.trim()],
    ['secret-without-quotes', (secret) => secret.trim().replace(/^(["'`])(.*)\1$/s, '$2')],
    ['secret-without-whsec', (secret) => secret.trim().replace(/^whsec_/, '')],
    ['secret-with-whsec', (secret) => (secret.startsWith('whsec_') ? secret : `whsec_${secret.trim()}`)],
  ];
  return changes.flatMap(([remedy, change]): [Remedy, Credentials][] => {
    const secrets = credentials.secrets.map(change);
    const keyring = new Map([...credentials.keyring].map(([id, secret]) => [id, change(secret)]));
    const isSame =
      secrets.every((secret, index) => secret === credentials.secrets[index]) &&
      [...keyring].every(([id, secret]) => credentials.keyring.get(id) === secret);
    return isSame ? [] : [[remedy, { ...credentials, secrets, keyring }]];
  });
}

/** Those that the preset's `verify` names. */
function headersOf({ declared: { verify } }: CompiledPreset): string[] {
  const named = JSON.stringify(verify).matchAll(/header:([\w-]+)/g);
  return [...new Set([...named].map(([, name = '']) => name.toLowerCase()))];
}
