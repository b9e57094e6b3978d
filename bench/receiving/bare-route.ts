import { createHmac, timingSafeEqual } from 'node:crypto';
import { fastify } from 'fastify';
import { listen } from '../../cli/compose/listen.ts';
import { runChildProgram } from '../child-program.ts';
import { stripeSecret } from '../stripe-payments.ts';

/** The least that any webhook receiver does: read the bytes and verify the signature. Parses and stores nothing. */
await runChildProgram(async () => {
  const app = fastify();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
  app.post('/in/stripe', (request, reply) => {
    const accepted = isSigned(String(request.headers['stripe-signature']), request.body as Buffer);
    return reply.code(accepted ? 200 : 400).send();
  });
  const url = await listen(app, { host: '127.0.0.1', port: 0, setting: 'none' });
  return { ready: { url }, stop: () => app.close() };
});

function isSigned(header: string, body: Buffer): boolean {
  const [, timestamp, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  if (timestamp === undefined || signature === undefined) return false;
  const expected = createHmac('sha256', stripeSecret).update(`${timestamp}.`).update(body).digest();
  return timingSafeEqual(expected, Buffer.from(signature, 'hex'));
}
