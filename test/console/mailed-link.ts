import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The link in the mail that asked Ana about the dispute. Links are text without characters that mails encode. */
export async function mailedLink({ mails }: { mails: string }): Promise<string> {
  const files = (await readdir(mails)).filter((file) => !file.startsWith('.'));
  const texts = await Promise.all(files.map((file) => readFile(join(mails, file), 'utf8')));
  const links = texts.flatMap((text) => {
    const whole = text.replaceAll('=\r\n', ''); // Quoted-printable folds long lines.
    return /http:\/\/127\.0\.0\.1:\d+\/approve\/[\w.-]+/.exec(whole)?.[0] ?? [];
  });
  const [link] = links;
  if (link === undefined) throw new Error('No mail has a link');
  return link;
}
