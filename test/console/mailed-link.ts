import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The link in the mail that asked Ana about the dispute. */
export async function mailedLink(kait: { mails: string }): Promise<string> {
  const [link] = await mailedLinks(kait);
  if (link === undefined) throw new Error('No mail has a link');
  return link;
}

/** The links in all mails. They are text without characters that mails encode. */
export async function mailedLinks({ mails }: { mails: string }): Promise<string[]> {
  const files = (await readdir(mails)).filter((file) => !file.startsWith('.'));
  const texts = await Promise.all(files.map((file) => readFile(join(mails, file), 'utf8')));
  return texts.flatMap((text) => {
    const whole = text.replaceAll('=\r\n', ''); // Quoted-printable folds long lines.
    return /http:\/\/127\.0\.0\.1:\d+\/approve\/[\w.-]+/.exec(whole)?.[0] ?? [];
  });
}
