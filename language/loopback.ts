const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * Whether a host is this machine, so that what is sent there passes no network. `host` is as in a URL, with or without a port:
 * `localhost`, `127.0.0.1:25`, `[::1]`. Other names that lead to a loopback address do not count: their owner can change that.
 */
export function isLoopback(host: string): boolean {
  const url = `http://${host}`;
  return !/[@/?#\\]/.test(host) && URL.canParse(url) && loopback.test(new URL(url).hostname);
}
