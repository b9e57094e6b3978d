import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadMailTemplates } from '../../../activities/mail/mail-templates.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

describe('loading mail templates', () => {
  it('reads the project’s own', async () => {
    const templates = await loadMailTemplates([fileURLToPath(new URL('../../../definitions/mails', import.meta.url))]);
    expect(templates.get('receipt')?.subject).toBe('Your receipt for order {{event.payment.orderId | (no number)}}');
    expect(templates.get('receipt')?.text).toContain('\n\nWe have received your payment of {{money}}.\n');
  });

  it('finds none if the folder does not exist', async () => {
    expect(await loadMailTemplates([join(folder, 'nowhere')])).toEqual(new Map());
  });

  it('reads comments, a list of lines and a byte order mark', async () => {
    await writeFile(join(folder, 'a.json'), '\uFEFF{"subject":"a", /* why */ "text":["b","c"]}');
    expect(await loadMailTemplates([folder])).toEqual(new Map([['a', { subject: 'a', text: 'b\nc' }]]));
  });

  it.each([
    ['broken.json', '{', '1:2  Expected a closing "}".'],
    ['nothing.json', '', '1:1  The file is empty.'],
    ['extra.json', '{"subject":"a","text":"b","html":"c"}', '1:27  "html" is not known here.'],
    ['empty.json', '{"subject":"","text":"b"}', '1:12  subject: Too small: expected string to have >=1 characters'],
    ['Upper.json', '{"subject":"a","text":"b"}', '1:1  expected a file name of lower-case letters, digits and hyphens'],
    [
      'path.json',
      '{"subject":"a","text":["{{env.HOME}}"]}',
      '1:23  text: {{env.HOME}} does not begin with event, values or money',
    ],
  ])('rejects %s and says what is wrong where', async (file, content, problem) => {
    await writeFile(join(folder, file), content);
    await expect(loadMailTemplates([folder])).rejects.toMatchObject({
      code: 'KAIT_MAIL_TEMPLATE_INVALID',
      message: `${join(folder, file)}:${problem}`,
    });
  });
});
