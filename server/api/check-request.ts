import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { shortened } from '../../language/printable.ts';
import { ApiProblem, type ProblemDetail } from './problem.ts';

/** A schema's part of the request, in the words of the person who sent it. */
const parts: Record<string, { whole: string; one: string }> = {
  querystring: { whole: 'The query string', one: 'query parameter' },
  params: { whole: 'The path', one: 'path parameter' },
  body: { whole: 'The body', one: 'field' },
};

/**
 * Checks a part of a request against the zod object of its route. Each field's description completes "must be …".
 * (`fastify-type-provider-zod` does the same, but installs Swagger and six more packages, and its messages name no parameter.)
 */
export const validatorCompiler: FastifySchemaCompiler<z.ZodObject<Record<string, z.ZodType>>> = ({
  schema,
  httpPart = 'body',
}) => {
  const names = Object.keys(schema.shape);
  const required = names.filter((name) => schema.shape[name]?.safeParse(undefined).success === false);
  const { whole, one } = parts[httpPart] ?? { whole: httpPart, one: 'field' };

  function detailsOf(issue: z.core.$ZodIssue, given: unknown): ProblemDetail[] {
    const [name] = issue.path;
    if (issue.code === 'unrecognized_keys' && name === undefined) {
      const allowed = names.length === 0 ? `This route has no ${one}s.` : `Allowed: ${names.join(', ')}.`;
      const detail = `Unknown ${one} ${issue.keys.map(quoted).join(', ')}. ${allowed}`;
      return issue.keys.map((key) => ({ detail, ...placeOf([key], httpPart) }));
    }
    if (typeof name !== 'string') {
      const detail =
        names.length === 0
          ? `${whole} must be empty or an empty JSON object.`
          : `${whole} must be a JSON object with ${required.join(' and ')}.`;
      return [{ detail, ...placeOf([], httpPart) }];
    }
    const expected = schema.shape[name]?.description ?? 'different';
    const value = (given as Record<string, unknown>)[name]; // An issue with a path is about a field of an object.
    const isSecret = schema.shape[name]?.meta()?.writeOnly === true; // An answer may end up in a log.
    const found = value === undefined ? 'is missing' : isSecret ? 'is something else' : `is ${quoted(value)}`;
    const detail = `${name} must be ${expected}, but it ${found}.`;
    return [{ detail, ...placeOf(issue.path, httpPart) }];
  }

  return (data: unknown) => {
    // A route without fields needs no body.
    const parsed = schema.safeParse(names.length === 0 && (data === undefined || data === null) ? {} : data);
    if (parsed.success) return { value: parsed.data };
    const errors = parsed.error.issues.flatMap((issue) => detailsOf(issue, data));
    const messages = new Set(errors.map(({ detail }) => detail));
    return { error: new ApiProblem(400, 'invalid-request', [...messages].join(' '), { errors: errors.slice(0, 50) }) };
  };
};

function placeOf(path: readonly PropertyKey[], httpPart: string): Pick<ProblemDetail, 'pointer' | 'parameter'> {
  if (httpPart !== 'body') return path.length === 0 ? {} : { parameter: shortened(String(path[0]), 100) };
  const parts = path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1'));
  return { pointer: shortened(`#${parts.map((part) => `/${encodeURIComponent(part.toWellFormed())}`).join('')}`, 300) };
}

/** A value as JSON on one line, cut to a readable length. */
function quoted(value: unknown): string {
  return shortened(JSON.stringify(value), 60);
}
