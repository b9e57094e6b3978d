import { open, rename, stat, type FileHandle } from 'node:fs/promises';

/** The newest part that error messages quote. */
const tailBytes = 4_096;

/**
 * Opens a log file to append to. A file that has grown over `limitBytes` (default 10 MiB) becomes `<file>.1` first, in
 * place of an older one. So a log is bounded between starts, not while one process runs.
 */
export async function openBoundedLog(file: string, limitBytes = 10 * 1024 * 1024): Promise<FileHandle> {
  const size = (await stat(file).catch(() => undefined))?.size ?? 0;
  if (size > limitBytes) await rename(file, `${file}.1`);
  return open(file, 'a', 0o600);
}

/** The last lines that were written after `offset`; empty where there are none. */
export async function readLogTail(file: string, offset: number, lines = 15): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const start = Math.max(offset, size - tailBytes);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
    return buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').slice(-lines).join('\n');
  } finally {
    await handle.close();
  }
}
