import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { KaitError } from '../../errors.ts';

/** One thing that is wrong with a request. */
export interface ProblemDetail {
  detail: string;
  /** Where in the body, as a JSON pointer in a URL fragment: `#/reason`. */
  pointer?: string;
  /** Or the name of the parameter of the path or of the query. */
  parameter?: string;
}

/** What a handler throws to answer something else than success. The client gets it as `application/problem+json` (RFC 9457). */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: ProblemDetail[];
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    code: string,
    detail: string,
    more: { errors?: ProblemDetail[]; headers?: Record<string, string> } = {},
  ) {
    super(detail);
    this.name = 'ApiProblem';
    this.status = status;
    this.code = code;
    this.errors = more.errors ?? [];
    this.headers = more.headers ?? {};
  }
}

export function notFound(detail: string): ApiProblem {
  return new ApiProblem(404, 'not-found', detail);
}

/** What the holder of a portal link may not do, although its route is open to it. */
export function notForTenants(detail: string): ApiProblem {
  return new ApiProblem(403, 'missing-scope', detail);
}

/** The body of every answer that is not a success. */
export const problemSchema = z
  .object({
    type: z.string().describe('A URN that is made of the code.'),
    title: z.string().describe('The code in words.'),
    status: z.int().describe('The HTTP status.'),
    detail: z.string().describe('What is wrong, and what to do about it.'),
    code: z.string().describe('Stable. Programs go by it.'),
    errors: z
      .array(
        z.object({
          detail: z.string(),
          pointer: z.string().optional().describe('Where in the body: `#/reason`.'),
          parameter: z.string().optional().describe('Which parameter of the path or of the query.'),
        }),
      )
      .optional()
      .describe('Everything that is wrong with an invalid request.'),
  })
  .meta({ id: 'Problem' });

export const problemType = 'application/problem+json';

export function answerProblem(reply: FastifyReply, problem: ApiProblem): FastifyReply {
  // A text, since Fastify would add a charset, which this type does not have.
  return reply.code(problem.status).headers(problem.headers).type(problemType).send(problemText(problem));
}

/** Its JSON. */
export function problemText({ status, code, message, errors }: ApiProblem): string {
  const problem: z.input<typeof problemSchema> = {
    ...{ type: `urn:kait:problem:${code}`, title: titleOf(code), status, detail: message, code },
    ...(errors.length > 0 && { errors }),
  };
  return JSON.stringify(problem);
}

/** What a deliberate error is for the client. Null: it is a bug, or something failed. */
export function problemOf(error: unknown): ApiProblem | null {
  if (error instanceof ApiProblem) return error;
  return error instanceof KaitError ? new ApiProblem(400, error.code, error.message) : null;
}

/** `Not found` for `not-found`, `Endpoint url invalid` for `KAIT_ENDPOINT_URL_INVALID`. */
function titleOf(code: string): string {
  const words = code
    .replace(/^KAIT_/, '')
    .replaceAll(/[-_]/g, ' ')
    .toLowerCase();
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
