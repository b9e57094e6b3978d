import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { senderNetwork } from '../../http/networks.ts';
import { personKey, refusalByRole, refusalOf, type Person } from '../../language/approval.ts';
import type { People } from '../../language/check/people-file.ts';
import { linkPath, readLinkToken, tokenHash } from '../../storage/approvals/link-token.ts';
import type { Database } from '../../storage/database.ts';
import type { Installation } from '../../storage/installation.ts';
import { createKeyedRateLimits, createRateLimit } from '../rate-limit.ts';
import { findApproval, type ShownApproval } from '../../storage/approvals/approval-list.ts';
import type { Decide } from './decide.ts';
import { answeredPage, type FaultyForm, nothingPage, questionPage } from './link-page.ts';
import { style } from './link-style.ts';
import { type FormFault, pageLanguage } from './link-words.ts';

export interface LinkDeps {
  database: Database;
  installation: Installation;
  people: () => Promise<People>;
  decide: Decide;
  clientAddress: (request: IncomingMessage) => string;
  log: Pick<Logger, 'error'>;
  /** In milliseconds. */
  now: () => number;
}

/** A reason of 2,000 characters, percent-encoded. */
const mostBytes = 24 * 1024;
const limits = { each: { perSecond: 0.5, burst: 20 }, all: { perSecond: 20, burst: 100 }, senders: 10_000 };

const choices = ['approve', 'reject'] as const;

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    `default-src 'none'`,
    `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    `form-action 'self'`,
    `base-uri 'none'`,
    `frame-ancestors 'none'`,
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex, nofollow',
  'cross-origin-opener-policy': 'same-origin',
  vary: 'accept-language',
};

/**
 * The pages behind the links in mails. GET and HEAD only show the question, because programs look at the links of mails. POST answers, with a
 * choice that somebody has to make. A link that is forged, expired, used or about a settled question leads to one and the same page.
 */
export function addLinkRoutes(app: FastifyInstance, deps: LinkDeps): void {
  const senders = createKeyedRateLimits({ capacity: limits.senders, now: deps.now });
  const everybody = createRateLimit(limits.all, deps.now);
  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    const parsing = { parseAs: 'string' as const, bodyLimit: mostBytes };
    scope.addContentTypeParser('application/x-www-form-urlencoded', parsing, (_request, body, parsed) => {
      parsed(null, body);
    });
    scope.setErrorHandler((error, request, reply) => {
      const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
      if (status < 500) return answer(reply, status, nothingPage(languageOf(request)));
      deps.log.error({ err: error }, 'an approval page failed');
      return answer(reply.header('retry-after', '60'), 503, nothingPage(languageOf(request)));
    });
    scope.addHook('onRequest', async (request, reply) => {
      const sender = senders.of(senderNetwork(deps.clientAddress(request.raw)), limits.each);
      const waitSeconds = sender.take() || (isGenuine(request) ? everybody.take() : 0);
      if (waitSeconds === 0) return;
      await answer(reply.header('retry-after', String(Math.ceil(waitSeconds))), 429, nothingPage(languageOf(request)));
    });
    // Forged links cost no query. If they counted, strangers with many addresses could keep everybody from answering.
    const isGenuine = ({ params }: FastifyRequest) =>
      readLinkToken(deps.installation, String((params as Record<string, unknown>)['*']), deps.now()) !== null;
    scope.get<{ Params: { '*': string } }>(`${linkPath}*`, { exposeHeadRoute: true }, async (request, reply) => {
      const opened = await open(deps, request.params['*']);
      if (opened === null) return answer(reply, 404, nothingPage(languageOf(request)));
      const language = languageOf(request);
      return answer(reply, 200, questionPage(opened.asked, nameOf(opened.person), { language }));
    });
    scope.post<{ Params: { '*': string } }>(`${linkPath}*`, async (request, reply) => {
      const token = request.params['*'];
      const opened = await open(deps, token);
      if (opened === null) return answer(reply, 404, nothingPage(languageOf(request)));
      return submit(deps, opened, { token, request, reply });
    });
    done();
  });
}

interface Opened {
  asked: ShownApproval;
  person: Person;
}

/** What the link is about, if its person can still answer. Nothing is looked up for a forged link. */
async function open({ database, installation, people, now }: LinkDeps, token: string): Promise<Opened | null> {
  const link = readLinkToken(installation, token, now());
  if (link === null) return null;
  const [asked, known] = await Promise.all([findApproval(database, link.request), people()]);
  const person = known.get(link.person);
  if (asked === undefined || person === undefined) return null;
  if (asked.state !== 'open' || asked.round !== link.round) return null;
  // Who has lost the role since the mail sees no more of the question.
  const refusal =
    refusalOf(
      asked.rules,
      { by: person.id, approved: true, reason: '-' },
      asked.answers.map(({ by }) => by),
    ) ?? refusalByRole(asked.rules, person.id, person);
  return refusal === null ? { asked, person } : null;
}

async function submit(
  deps: LinkDeps,
  { asked, person }: Opened,
  { token, request, reply }: { token: string; request: FastifyRequest; reply: FastifyReply },
): Promise<FastifyReply> {
  const language = languageOf(request);
  const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
  const [choice, ...others] = form.getAll('answer').map((given) => choices.find((known) => known === given));
  const reason = (form.get('reason') ?? '').replaceAll('\r\n', '\n').trim();
  const again = (fault: FormFault, status: number) => {
    const kept = reason.slice(0, 2_000).replace(/[^\P{Cc}\t\n]/gu, '');
    const faulty: FaultyForm = { fault, answer: others.length > 0 ? null : (choice ?? null), reason: kept };
    return answer(reply, status, questionPage(asked, nameOf(person), { language, faulty }));
  };
  if (choice === undefined || others.length > 0) return again('choice-missing', 422);
  if (reason.length > 2_000 || !/^(?:[^\p{Cc}\p{Cs}]|[\t\n])*$/u.test(reason)) return again('reason-malformed', 422);
  const approved = choice === 'approve';
  const outcome = await deps.decide(asked, {
    ...{ by: person.id, approved, reason: reason === '' ? null : reason, via: 'mail' },
    ...{ address: deps.clientAddress(request.raw), link: tokenHash(token) },
  });
  if (outcome.kind === 'counts') return answer(reply, 200, answeredPage(approved, outcome.decided, language));
  if (outcome.kind === 'unavailable') return again('unavailable', 503);
  return outcome.refusal === 'reason-missing'
    ? again('reason-missing', 422)
    : answer(reply, 404, nothingPage(language));
}

function languageOf({ headers: { 'accept-language': accepted } }: FastifyRequest) {
  return pageLanguage(accepted);
}

function nameOf({ id, name }: Person): string {
  return name === null || personKey(name) === personKey(id) ? id : `${name} (${id})`;
}

function answer(reply: FastifyReply, status: number, html: string): FastifyReply {
  return reply.code(status).headers(headers).send(html);
}
