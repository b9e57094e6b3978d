import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startHttpReceiver } from '../activities/http-receiver.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { packagedDefinitions, runKait, startKait } from './kait-command.ts';

it('sends secrets where secrets.json lets each definition, as it is at that moment, and shows its mistakes', async () => {
  const folder = await temporaryFolder();
  const definitions = join(folder, 'definitions');
  await cp(packagedDefinitions, definitions, { recursive: true });
  const receiver = await startHttpReceiver();
  onTestFinished(() => receiver.close());
  const put = (file: string, content: object) => writeFile(join(definitions, file), JSON.stringify(content));
  const asking = (id: string, secret: string) => ({
    ...{ id, http: `${receiver.origin}/${id}` },
    headers: { authorization: { secret } },
  });
  const secretsOf = (definition: string) => ({
    KAIT_SECRET_PARENT: { hosts: [`127.0.0.1:${receiver.port}`], definitions: ['parent'] },
    KAIT_SECRET_CHILD: { hosts: [`127.0.0.1:${receiver.port}`], definitions: [definition] },
  });
  await put('workflows/parent.json', {
    name: 'parent',
    on: { event: 'payment.succeeded' },
    steps: [
      { id: 'attempt', try: [{ id: 'child', run: 'child' }], catch: [{ do: [{ id: 'told', emit: 'child.failed' }] }] },
      asking('parent', 'KAIT_SECRET_PARENT'),
    ],
  });
  await put('workflows/child.json', { name: 'child', on: 'run', steps: [asking('child', 'KAIT_SECRET_CHILD')] });
  await put('secrets.json', secretsOf('child'));
  const environment = {
    KAIT_DEFINITIONS: definitions,
    KAIT_OUTBOUND_ALLOW: '127.0.0.1',
    KAIT_SECRET_PARENT: 'the secret of the parent',
    KAIT_SECRET_CHILD: 'the secret of the child',
  };
  const kait = startKait(folder, ['up'], environment);
  onTestFinished(() => kait.end('SIGTERM').then(() => undefined));
  await kait.untilOutput(/Stop: Ctrl-C/);
  const pay = (id: string) =>
    runKait(folder, ['send', 'stripe', 'payment_intent.succeeded', '--set', `data.object.id=${id}`], environment);

  await pay('pi_one');
  const seen = () => receiver.received.map(({ path, headers }) => `${path} ${headers.authorization ?? ''}`);
  await expect.poll(seen).toEqual(['/child the secret of the child', '/parent the secret of the parent']);

  await put('secrets.json', secretsOf('parent'));
  await pay('pi_two');
  await kait.untilOutput(/The definition \\"child\\" may not use KAIT_SECRET_CHILD/);
  await expect
    .poll(seen)
    .toEqual([
      '/child the secret of the child',
      '/parent the secret of the parent',
      '/parent the secret of the parent',
    ]);
  expect(kait.output()).not.toContain('the secret of');

  const status = async () => (await runKait(folder, ['status'], environment)).output;
  await put('secrets.json', { KAIT_SECRET_CHILD: { hosts: ['*.co.uk'] } });
  await expect.poll(status, { timeout: 30_000 }).toContain('secrets.json');
  await put('secrets.json', secretsOf('child'));
  await expect.poll(status, { timeout: 30_000 }).not.toContain('secrets.json');
});
