import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { activityFailure } from '../failure-types.ts';
import { mailOptions } from './mail-options.ts';
import type { MailTransport, OutgoingMail } from './mail-transport.ts';

/**
 * Writes each mail as `<Message-ID's first part>.eml` into `folder`, which it creates. A second sending of a mail
 * replaces its file; a file is there completely or not at all.
 */
export function createFileMailTransport({ folder }: { folder: string }): MailTransport {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  return {
    send: async (mail) => {
      const { message } = await composer.sendMail(mailOptions(mail));
      await writeWhole(folder, fileName(mail), message as Buffer); // By `buffer: true`.
    },
    close: () => composer.close(),
  };
}

function fileName({ messageId }: OutgoingMail): string {
  return `${messageId.replace(/^<|@.*$/g, '').replaceAll(/[^\w-]/g, '_')}.eml`;
}

async function writeWhole(folder: string, name: string, content: Buffer): Promise<void> {
  const temporary = join(folder, `.${name}.${process.pid}.part`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(temporary, content, { flush: true });
    await rename(temporary, join(folder, name));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // What went wrong first is what matters.
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw activityFailure('MailUnavailable', `The mail folder cannot be written (${code})`);
  }
}
