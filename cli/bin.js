#!/usr/bin/env node
// Node runs TypeScript by itself from 22.18 on; tsx makes Node 20 to 24 behave alike.
import { register } from 'tsx/esm/api';

register();
const { main } = await import('./main.ts');
process.exitCode = await main(process.argv);
