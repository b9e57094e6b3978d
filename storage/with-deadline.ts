/** A service did not answer in time. */
class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** Resolves when `work` does; rejects with a {@link DeadlineError} after `timeoutMs`, saying that `what` did not answer. `work` is not stopped. */
export async function withDeadline<Result>(work: Promise<Result>, timeoutMs: number, what: string): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new DeadlineError(`${what} did not answer within ${timeoutMs} ms`));
    }, timeoutMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
