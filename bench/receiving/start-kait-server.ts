import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cleanup } from '../../cli/compose/cleanup.ts';
import { startChildProgram, type ChildProgram } from '../child-program.ts';
import type { Services } from '../services.ts';
import { stripeSecret } from '../stripe-webhooks.ts';

/** A `kait server` in a process of its own; it says how many events it has stored, and how many of them wait. */
export type KaitServer = ChildProgram<{ url: string }, null, { stored: number; waiting: number }>;

/** `name` is also that of its folder; `environment` says what the defaults here do not, such as DATABASE_URL. */
export async function startKaitServer(
  { folder, temporal }: Services,
  cleanup: Cleanup,
  name: string,
  environment: NodeJS.ProcessEnv,
): Promise<KaitServer> {
  const home = join(folder, name);
  await mkdir(home);
  const kait: KaitServer = await startChildProgram({
    module: new URL('./kait-server.ts', import.meta.url),
    settings: null,
    outputFile: join(home, 'kait.log'),
    environment: {
      KAIT_HOME: home,
      KAIT_PORT: '0',
      KAIT_ADMIN_PORT: '0',
      TEMPORAL_ADDRESS: temporal.address,
      STRIPE_WEBHOOK_SECRET: stripeSecret,
      MIDTRANS_SERVER_KEY: 'unused',
      XENDIT_CALLBACK_TOKEN: 'unused',
      ...environment,
    },
  });
  cleanup.add(() => kait.stop());
  return kait;
}
