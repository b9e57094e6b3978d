import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';
import type { ArrivedMail } from './facts.ts';
import type { Random } from './random.ts';

export interface SmtpReceiver {
  url: string;
  arrived: ArrivedMail[];
  stop(): Promise<void>;
}

/** Between having a mail and saying so: the time in which a kill makes Kait send it again. */
const slowestAnswerMs = 400;

/** A mail server that accepts everything and writes down what it has accepted. */
export async function startSmtpReceiver(deps: { random: Random; now: () => number }): Promise<SmtpReceiver> {
  const arrived: ArrivedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData(stream, session, done) {
      const accept = async () => {
        const messageId = /^message-id:\s*(\S+)/im.exec(await text(stream))?.[1] ?? 'none';
        const atMs = deps.now();
        for (const { address } of session.envelope.rcptTo) arrived.push({ messageId, recipient: address, atMs });
        await pause(deps.random.between(0, slowestAnswerMs));
      };
      accept().then(() => done(), done);
    },
  });
  server.on('error', () => undefined); // A client that was killed leaves without a word.
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo; // It listens on a port, not on a pipe.
  return {
    url: `smtp://127.0.0.1:${port}`,
    arrived,
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
