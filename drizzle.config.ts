import { defineConfig } from 'drizzle-kit';

/** For `npm run migration`, which writes the next migration from `storage/schema.ts`. */
export default defineConfig({ dialect: 'postgresql', schema: './storage/schema.ts', out: './storage/migrations' });
