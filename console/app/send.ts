/** What the server answered instead of success, or that it did not answer. */
export class ApiError extends Error {
  /** The HTTP status. 0: no answer came. */
  readonly status: number;
  /** Stable: `not-found`. Empty if there is none. */
  readonly code: string;
  /** Everything that is wrong with an invalid request. */
  readonly errors: readonly string[];

  constructor(message: string, about: { status: number; code: string; errors?: readonly string[]; cause?: unknown }) {
    super(message, { cause: about.cause });
    this.name = 'ApiError';
    this.status = about.status;
    this.code = about.code;
    this.errors = about.errors ?? [];
  }
}

/** Sends a request with the session's cookie. Throws an `ApiError` of the status 0 if no answer comes. */
export async function send(request: Request | string, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(request, { credentials: 'same-origin', ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError('', { status: 0, code: 'unreachable', cause: error });
  }
}

interface Problem {
  detail?: unknown;
  code?: unknown;
  errors?: { detail?: unknown }[];
}

/** What a refusal says, if it is a problem as Kait tells it. */
export async function problemOf(response: Response): Promise<ApiError> {
  const told = ((await response.json().catch(() => null)) ?? {}) as Problem;
  return new ApiError(textOf(told.detail), {
    status: response.status,
    code: textOf(told.code),
    errors: (Array.isArray(told.errors) ? told.errors : []).map(({ detail }) => textOf(detail)),
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
