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
    const templates = await loadMailTemplates(fileURLToPath(new URL('../../../definitions/mails', import.meta.url)));
    expect(templates.get('receipt')?.subject).toBe('Your receipt for order {{event.payment.orderId | (no number)}}');
    expect(templates.get('receipt')?.text).toContain('\n\nWe have received your payment of {{money}}.\n');
  });

  it('finds none if the folder does not exist', async () => {
    expect(await loadMailTemplates(join(folder, 'nowhere'))).toEqual(new Map());
  });

  it.each([
    ['broken.json', '{', 'broken.json'],
    ['extra.json', '{"subject":"a","text":"b","html":"c"}', 'html'],
    ['empty.json', '{"subject":"","text":"b"}', 'subject'],
    ['Upper.json', '{"subject":"a","text":"b"}', 'lower-case'],
    ['path.json', '{"subject":"a","text":"{{env.HOME}}"}', '{{env.HOME}}'],
  ])('rejects %s and names the problem', async (file, content, named) => {
    await writeFile(join(folder, file), content);
    await expect(loadMailTemplates(folder)).rejects.toMatchObject({
      code: 'KAIT_MAIL_TEMPLATE_INVALID',
      message: expect.stringContaining(named) as string,
    });
  });
});
