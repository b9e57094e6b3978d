import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { isDeeper } from '../language/is-deeper.ts';
import type { Json } from '../language/json.ts';
import { parseJson } from '../language/parse-json.ts';
import { callbackPath, readCallbackToken } from '../storage/callback-token.ts';
import type { Database } from '../storage/database.ts';
import type { Installation } from '../storage/installation.ts';
import { type AnswerOutcome, recordAnswer } from '../storage/message-answers.ts';
import { createKeyedRateLimits } from './rate-limit.ts';

export interface CallbackDeps {
  database: Database;
  installation: Installation;
  log: Pick<Logger, 'error' | 'info'>;
  /** In milliseconds. */
  now: () => number;
}

const mostBytes = 64 * 1_024;
const deepest = 64;
/** For each delivery. Without a genuine token, no query is made and no body is read. */
const limit = { perSecond: 1, burst: 10 };
const limitedDeliveries = 10_000;
const retryAfterSeconds = '60';

const answers: Record<AnswerOutcome, { status: number; text: string }> = {
  taken: { status: 200, text: 'The answer was recorded.' },
  repeated: { status: 200, text: 'The answer was recorded.' },
  other: { status: 409, text: 'Another answer was given before, and counts.' },
  late: { status: 410, text: 'The time to answer is over.' },
  unknown: { status: 404, text: 'Not found.' },
};
/** By the status of the error with which a body is refused. */
const refusals: Readonly<Record<number, string>> = {
  400: `Expected a body that is JSON, at most ${deepest} levels deep.`,
  413: `The body may have at most ${mostBytes} bytes.`,
  415: 'Expected the content type application/json.',
};

/**
 * Where receivers answer the webhooks that a run waits for. Only POST, with a body of JSON. Whoever has no genuine token learns nothing but
 * 404. The first answer counts: the same once more gets the same success, even late, so that a receiver can repeat what it is unsure of.
 */
export function addCallbackRoutes(app: FastifyInstance, deps: CallbackDeps): void {
  const { database, installation, log, now } = deps;
  const limits = createKeyedRateLimits({ capacity: limitedDeliveries, now });
  const tokenIn = ({ params }: FastifyRequest) => String((params as Record<string, unknown>)['*']);
  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer', bodyLimit: mostBytes },
      (_request, body, parsed) => {
        parsed(null, body);
      },
    );
    scope.setErrorHandler((error, _request, reply) => {
      const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
      if (status < 500) return say(reply, status, refusals[status] ?? 'The request cannot be used.');
      log.error({ err: error }, 'an answer to a webhook could not be recorded');
      return say(reply.header('retry-after', retryAfterSeconds), 503, 'Try again later.');
    });
    // Before the body is read.
    scope.addHook('onRequest', async (request, reply) => {
      const callback = readCallbackToken(installation, tokenIn(request));
      if (callback === undefined) return say(reply, 404, answers.unknown.text);
      if (request.method !== 'POST') return say(reply.header('allow', 'POST'), 405, 'Answer with POST.');
      const waitSeconds = limits.of(callback.delivery, limit).take();
      if (waitSeconds > 0) {
        return say(reply.header('retry-after', String(Math.ceil(waitSeconds))), 429, 'Too many requests.');
      }
      if (expectsContinue(request)) reply.raw.writeContinue();
    });
    scope.all<{ Body: unknown }>(`${callbackPath}*`, async (request, reply) => {
      const callback = readCallbackToken(installation, tokenIn(request));
      if (callback === undefined) return say(reply, 404, answers.unknown.text);
      const answer = readAnswer(request.body);
      if (answer === undefined) return say(reply, 400, refusals[400] ?? '');
      const { delivery, expiresAt } = callback;
      const recorded = await recordAnswer(database, { delivery, answer, at: new Date(now()) });
      // Retention may have deleted what was asked long ago.
      const outcome = recorded === 'unknown' && now() >= expiresAt * 1_000 ? 'late' : recorded;
      log.info({ delivery, outcome }, 'answer to a webhook');
      return say(reply, answers[outcome].status, answers[outcome].text);
    });
    done();
  });
}

/** Node asks for no body by itself here: see `watchExpectations`. */
function expectsContinue({ headers, raw }: FastifyRequest): boolean {
  return raw.httpVersion === '1.1' && /^100-continue$/i.test(headers.expect ?? '');
}

/** Undefined: it is no JSON that Kait can use. */
function readAnswer(body: unknown): Json | undefined {
  if (!Buffer.isBuffer(body)) return undefined;
  try {
    const answer = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(body));
    if (isDeeper(answer, deepest)) return undefined;
    return answer;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function say(reply: FastifyReply, status: number, text: string): FastifyReply {
  const body = status === 200 ? { accepted: true } : { error: text };
  return reply.code(status).header('cache-control', 'no-store').send(body);
}
