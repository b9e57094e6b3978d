import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { diffTypes, listEventTypes, showEventType, writeEventDocs } from '../../../cli/commands/event-types.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

let project: string;
let definitions: string;
beforeEach(async () => {
  project = await temporaryFolder();
  definitions = join(project, 'shop/definitions');
  await mkdir(join(definitions, 'event-types'), { recursive: true });
  await describeType({ description: 'Points were added.', example: { member: 'm', points: 1 } });
});

const describeType = (content: object, name = 'points.added') =>
  writeFile(join(definitions, `event-types/${name}.json`), JSON.stringify(content));

function git(...args: string[]): void {
  const identity = ['-c', 'user.name=Ana', '-c', 'user.email=ana@shop.example', '-c', 'commit.gpgsign=false'];
  execFileSync('git', ['-C', project, ...identity, ...args], { stdio: 'ignore' });
}

const ownTypes = ['kait.test', 'kait.endpoint.failing', 'kait.endpoint.disabled', 'kait.endpoint.recovered'];

async function diff(before: string, after = definitions): Promise<{ code: number; text: string }> {
  const api = () => Promise.reject(new Error('not expected'));
  const written: string[] = [];
  const code = await diffTypes({ before, after }, { definitions, api }, (text) => written.push(text));
  return { code, text: written.join('\n') };
}

it('lists the types of the project and those that come with Kait', async () => {
  const listed = await listEventTypes(definitions, {});
  expect(listed.split('\n').slice(0, 4)).toEqual([
    'type                     description',
    'order.created            A paid order was created.',
    'points.added             Points were added.',
    'kait.test                A test of this endpoint, which somebody has asked for.',
  ]);
  const listedTypes = JSON.parse(await listEventTypes(definitions, { json: true })) as { type: string }[];
  expect(listedTypes.map(({ type }) => type)).toEqual(['order.created', 'points.added', ...ownTypes]);
});

it('shows a type as receivers see it', async () => {
  const text = await showEventType(definitions, 'points.added', {});
  expect(text).toContain('Points were added.');
  expect(text).toContain('| `points` | number | yes |  |');
});

it('says which type was probably meant', async () => {
  await expect(showEventType(definitions, 'points.aded', {})).rejects.toThrow(
    'No event type "points.aded" is described. Did you mean "points.added"?',
  );
});

it('writes documents for receivers', async () => {
  const out = join(project, 'docs');
  await writeEventDocs(definitions, { out, scheduleMs: [0, 5_000] });
  expect((await readdir(out)).sort()).toEqual(['asyncapi.json', 'index.html', 'openapi.json', 'webhooks.md']);
  const { webhooks } = JSON.parse(await readFile(join(out, 'openapi.json'), 'utf8')) as { webhooks: object };
  expect(Object.keys(webhooks)).toEqual(['order.created', 'points.added', ...ownTypes]);
});

it('compares with a commit, and fails if something breaks receivers', async () => {
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '--message', 'first');
  git('tag', 'v1');
  expect(await diff('v1')).toEqual({ code: 0, text: 'No differences.' });
  await describeType({ example: { member: 'm', points: 1, level: 'gold' } });
  expect(await diff('v1')).toEqual({
    code: 0,
    text: 'points.added\n  compatible    "level" was added\n\n1 change, none incompatible.',
  });
  await describeType({ example: { member: 'm' } });
  expect(await diff('v1')).toEqual({
    code: 1,
    text: 'points.added\n  incompatible  "points" was removed\n\n1 change, 1 incompatible.',
  });
});

it('compares with another folder', async () => {
  const before = join(project, 'before');
  await mkdir(join(before, 'event-types'), { recursive: true });
  expect((await diff(before)).text).toContain('points.added\n  compatible    was added');
});

it.each(['no-such-commit', '--output=x', 'HEAD:shop'])(
  'refuses %s, which is no folder and no commit',
  async (place) => {
    git('init', '--quiet');
    await expect(diff(place)).rejects.toThrow(`"${place}" is no folder, and git has no commit of that name here.`);
  },
);

it('refuses a folder with a mistake', async () => {
  await describeType({ exmaple: {} });
  await expect(diff(definitions)).rejects.toThrow('"exmaple" is not a property of this event type.');
});
