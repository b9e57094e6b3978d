import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { activityFailure } from '../failure-types.ts';
import { mailOptions, type MailTransport, type OutgoingMail } from './mail-transport.ts';

/**
 * Writes each mail to `<first part of the Message-ID>.eml` in `folder`, which it creates. Sending a mail again replaces its
 * file. A file is never incomplete.
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
    await rm(temporary, { force: true }).catch(() => undefined); // The first error matters.
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw activityFailure('MailUnavailable', `The mail folder is not writable (${code})`);
  }
}
