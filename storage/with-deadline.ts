/** A service did not answer in time. */
class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** Resolves when `work` does; rejects with a {@link DeadlineError} after `timeoutMs`, saying that `what` did not answer. `work` is not stopped. */
export function withDeadline<Result>(work: Promise<Result>, timeoutMs: number, what: string): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new DeadlineError(`${what} did not answer within ${timeoutMs} ms`));
    }, timeoutMs);
    void work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}
