import { defineConfig } from 'drizzle-kit';

/** Used by `npm run migration`, which generates the next migration from `storage/schema.ts`. */
export default defineConfig({ dialect: 'postgresql', schema: './storage/schema.ts', out: './storage/migrations' });
