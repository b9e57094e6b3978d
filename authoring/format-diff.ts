import type { Definition } from '../language/definition.ts';
import { printable } from '../language/printable.ts';
import type { DefinitionChange } from './diff-definitions.ts';

export interface DiffedFile {
  file: string;
  text: string;
  definition: Pick<Definition, 'name'>;
  /** SHA-256 (hex) of the canonical JSON. */
  hash: string;
}

/** Wraps text for a terminal. */
export type PaintChange = (kind: 'added' | 'removed' | 'other', text: string) => string;

/** A diff for readers: a line for each change, then what the changes mean for runs. Plain text without `paint`. */
export function formatDiff(
  diff: { before: DiffedFile; after: DiffedFile; changes: DefinitionChange[] },
  paint: PaintChange = (_kind, text) => text,
): string {
  const { before, after, changes } = diff;
  if (changes.length === 0) return sameText(before, after);
  return [`${before.file} → ${after.file}`, '', ...changeLines(changes, paint), '', ...meaning(before, after)].join(
    '\n',
  );
}

/** A line for each change. */
export function changeLines(changes: DefinitionChange[], paint: PaintChange = (_kind, text) => text): string[] {
  const width = Math.max(...changes.map((change) => subjectOf(change).length));
  return changes.map((change) => {
    const { sign, kind, text } = described(change);
    return paint(kind, printable(`${sign} ${subjectOf(change).padEnd(width)}  ${text}`));
  });
}

function sameText(before: DiffedFile, after: DiffedFile): string {
  const why = before.text === after.text ? 'The files are identical.' : 'Only comments or layout differ.';
  return `The same definition, ${shortHash(after)}. ${why}`;
}

function described(change: DefinitionChange): { sign: string; kind: 'added' | 'removed' | 'other'; text: string } {
  switch (change.kind) {
    case 'changed':
      return { sign: '~', kind: 'other', text: changedText(change) };
    case 'added':
      return { sign: '+', kind: 'added', text: `${change.what}, ${change.where}${insideText(change.inside)}` };
    case 'removed':
      return { sign: '-', kind: 'removed', text: `${change.what}, was ${change.where}${insideText(change.inside)}` };
    case 'moved':
      return { sign: '>', kind: 'other', text: `moved: ${change.to}, was ${change.from}` };
  }
}

function changedText({ path, change, text }: Extract<DefinitionChange, { kind: 'changed' }>): string {
  return change === 'replaced' ? `${path} ${text}` : `${path} ${change}: ${text}`;
}

function insideText(ids: string[]): string {
  return ids.length === 0 ? '' : `; with ${ids.join(', ')}`;
}

/** The parentheses keep it apart from step ids. */
function subjectOf({ step }: { step: string | null }): string {
  return step ?? '(definition)';
}

function meaning(before: DiffedFile, after: DiffedFile): string[] {
  const runs = `Runs that have started keep ${shortHash(before)}. New runs use ${shortHash(after)}.`;
  const [was, is] = [before.definition.name, after.definition.name];
  if (was === is) return [runs];
  const again = `An event that "${was}" has already handled runs once more as "${is}" if it is dispatched again.`;
  return [runs, `A new name makes it another definition. ${again}`];
}

/** Long enough to tell definitions apart and to search for. */
function shortHash({ hash }: DiffedFile): string {
  return hash.slice(0, 12);
}
