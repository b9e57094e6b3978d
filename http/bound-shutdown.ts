import type { FastifyInstance } from 'fastify';

/** A closing server ignores its time-outs, so a single slow client could keep it from ending. Cuts all connections off after `graceMs`. */
export function boundShutdown(app: FastifyInstance, graceMs: number): void {
  let timer: NodeJS.Timeout | undefined;
  app.addHook('preClose', (done) => {
    timer = setTimeout(() => app.server.closeAllConnections(), graceMs);
    done();
  });
  app.addHook('onClose', (_app, done) => {
    clearTimeout(timer);
    done();
  });
}
