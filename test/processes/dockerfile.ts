/** An instruction of a Dockerfile, such as `COPY`, with what follows it. */
export interface Instruction {
  name: string;
  text: string;
}

/** The instructions of each stage, by its name, or by its number. Continued lines are one; comments are left out. */
export function stagesOf(dockerfile: string): Map<string, Instruction[]> {
  const lines = dockerfile
    .split('\n')
    .filter((line) => !/^\s*(?:#|$)/.test(line))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n');
  const stages = new Map<string, Instruction[]>();
  let latest: Instruction[] = [];
  for (const line of lines) {
    const [, name = '', text = ''] = /^([A-Z]+) +(.*)$/.exec(line) ?? [];
    if (name === 'FROM') stages.set(/ AS (\S+)$/.exec(text)?.[1] ?? String(stages.size), (latest = []));
    else latest.push({ name, text });
  }
  return stages;
}
