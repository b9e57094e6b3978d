import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { en } from '../../console/words/en.ts';
import { id } from '../../console/words/id.ts';
import { packagePath } from '../../package-path.ts';
import { consoleForTests, hasBrowser, openConsole } from './browser.ts';
import { questions } from './questions.ts';

const dictionaries = { en, id };

describe.runIf(hasBrowser()).each(['en', 'id'] as const)('in the language %s, somebody finds out', (language) => {
  const words = dictionaries[language];

  beforeAll(async () => {
    await fetch(`${consoleForTests().shop}/arrived`, { method: 'POST' });
  });

  it.each(questions)('$question', async ({ question, way, answer }) => {
    const { page, go, complaints } = await openConsole({ language });
    await go('/', words.home.title);
    const counted = { clicks: 0, fields: 0 };
    await way(
      {
        async click(what) {
          counted.clicks += 1;
          await what.click();
        },
        async type(what, text) {
          counted.fields += 1;
          await what.fill(text);
        },
        press: (key) => page.keyboard.press(key),
      },
      page,
      words,
    );
    await Promise.all(answer(page, words).map((each) => each.first().waitFor()));
    expect(complaints).toEqual([]);
    const script = await readFile(packagePath('docs', 'CONSOLE.md'), 'utf8');
    expect(script).toContain(`| ${question} | ${counted.clicks} | ${counted.fields} |`);
  });
});
