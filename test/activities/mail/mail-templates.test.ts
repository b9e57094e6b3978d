import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadMailTemplates, readMailTemplates, valuesNeededBy } from '../../../activities/mail/mail-templates.ts';
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
    ['broken.json', '{', '1:2 error KAIT1001 Expected a closing "}".'],
    [
      'extra.json',
      '{"subject":"a","text":"b","html":"c"}',
      '1:27 error KAIT1101 "html" is not a property of the mail.',
    ],
    ['empty.json', '{"subject":"","text":"b"}', '1:12 error KAIT1104 "subject" must be at least 1 characters.'],
    ['none.json', '{"subject":"a"}', '1:1 error KAIT1102 "text" is missing from the mail.'],
    [
      'Upper.json',
      '{"subject":"a","text":"b"}',
      '1:1 error KAIT1109 The name of a mail is made of lower-case letters, digits and hyphens.',
    ],
    [
      'path.json',
      '{"subject":"a","text":["b","c {{env.HOME}}"]}',
      '1:31 error KAIT1801 {{env.HOME}} can never be filled.',
    ],
    ['event.json', '{"subject":"{{event.idd}}","text":"b"}', '1:13 error KAIT1801 "event" has no "idd".'],
    [
      'locale.json',
      '{"subject":"a","text":"b","locale":"xx-indonesia"}',
      '1:36 error KAIT1803 "xx-indonesia" is no locale.',
    ],
    ['zone.json', '{"subject":"a","text":"b","timeZone":"WIB"}', '1:38 error KAIT1803 "WIB" is no time zone.'],
  ])('rejects %s and shows what is wrong where', async (file, content, problem) => {
    await writeFile(join(folder, file), content);
    const error: unknown = await loadMailTemplates([folder]).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'KAIT_MAIL_TEMPLATE_INVALID' });
    const [first, frame] = (error as Error).message.split('\n');
    expect(first).toBe(`${join(folder, file)}:${problem}`);
    expect(frame).toBe(`1 | ${content}`.trimEnd());
  });

  it('knows which values a step must give', async () => {
    await writeFile(
      join(folder, 'a.json'),
      '{"subject":"{{values.name}}","text":"{{values.city | here}} {{money values.total}}"}',
    );
    await writeFile(join(folder, 'broken.json'), '{');
    expect(valuesNeededBy(await readMailTemplates([folder]))).toEqual(
      new Map([
        ['broken', []],
        ['a', ['name', 'total']],
      ]),
    );
  });
});
