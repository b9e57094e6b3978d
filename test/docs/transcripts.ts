/** A command of a transcript in the docs, and what it answers. */
export interface Transcript {
  command: string;
  /** Lines. `…` stands for whatever differs, and blanks for as many as a table has. */
  answer: string[];
}

/** Reads the transcripts of a page: its code blocks that are marked as `console`, in which `$ ` begins each command. */
export function transcriptsOf(markdown: string): Transcript[] {
  const blocks = [...markdown.matchAll(/^```console\n(.*?)^```$/gms)].map(([, block = '']) => block);
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .filter((part) => part !== '')
      .map((part) => {
        const [command = '', ...answer] = part.trimEnd().split('\n');
        return { command, answer };
      }),
  );
}

/** What an answer has to match. */
export function patternOf(answer: readonly string[]): RegExp {
  const lines = answer.map((line) =>
    line
      .trim()
      .split(/\s+/)
      .map((word) =>
        word
          .split('…')
          .map((text) => escaped(text))
          .join('.*'),
      )
      .join('\\s+'),
  );
  return new RegExp(`^\\s*${lines.join('\\s*\\n\\s*')}\\s*$`);
}

/** The words of a command, as a shell takes them. Knows single quotes only. */
export function wordsOf(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

function escaped(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');
}
