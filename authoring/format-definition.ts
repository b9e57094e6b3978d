import { parseSource } from '../language/check/parse-source.ts';
import type { Finding } from '../language/finding.ts';
import { rankOf, roleOfItems, roleOfMember, type Role } from './definition-roles.ts';
import { readSourceTree, type Comment, type Container, type Member, type SourceNode } from './source-tree.ts';

/** The formatted text, or the errors that keep it from being parsed. */
export type Formatted = { text: string; findings?: undefined } | { text?: undefined; findings: Finding[] };

const width = 120;

/**
 * Formats a definition, or other JSON with comments (a test file, data), in the one canonical layout. A value that fits into 120
 * columns stands on one line; otherwise each member has its own line, indented by two spaces. The document itself, lists of several
 * steps, and values that hold a comment never stand on one line. A definition's keys are put in order: id, title, guard, verb,
 * parameters, limits, undo, then keys that hold other steps. Keys that the author chose keep their order, as do other documents.
 *
 * Nothing is lost: a comment moves with the member before or after it (comments before an object's first member stay at the top),
 * one blank line between members stays, numbers and texts keep their spelling. Formatting twice changes nothing more. A text with
 * a syntax error or a duplicate key is not formatted; its findings are returned.
 */
export function formatDefinition({ file, text }: { file: string; text: string }): Formatted {
  const { report, value } = parseSource(file, text);
  if (report.hasErrors() || value === undefined) return { findings: report.findings() };
  const { header, root, blankBefore, footer } = readSourceTree(text);
  const lines = [
    ...commentLines(header, ''),
    ...(header.length > 0 && blankBefore ? [''] : []),
    ...nodeLines(root, isDefinition(root) ? 'definition' : 'data', {
      indent: '',
      before: '',
      after: '',
      expanded: true,
    }),
    ...(footer[0]?.blankBefore === true ? [''] : []),
    ...commentLines(footer, ''),
  ];
  return { text: `${lines.join('\n')}\n` };
}

function isDefinition(root: SourceNode): boolean {
  if (root.kind !== 'object') return false;
  return root.members.some(({ key, value }) => key?.name === 'steps' && value.kind === 'array');
}

/** The surroundings in which a node is printed. */
interface Spot {
  indent: string;
  /** The text before it on its first line, and after it on its last. */
  before: string;
  after: string;
  /** Whether each member gets its own line even if one line would do. */
  expanded: boolean;
}

function nodeLines(node: SourceNode, role: Role, { indent, before, after, expanded }: Spot): string[] {
  const flat = expanded && node.kind !== 'scalar' && node.members.length > 0 ? undefined : flatText(node, role);
  const line = `${indent}${before}${flat ?? ''}${after}`;
  if (node.kind === 'scalar') return [`${indent}${before}${node.text}${after}`];
  if (flat !== undefined && (line.length <= width || node.members.length === 0)) return [line];
  const [open, close] = brackets(node);
  const inner = `${indent}  `;
  const members = inOrder(node, role);
  const lines = members.flatMap((member, position) => {
    const comma = position < members.length - 1 ? ',' : '';
    return memberLines(member, roleIn(node, role, member), { indent: inner, comma, first: position === 0, of: role });
  });
  const dangling = commentLines(node.dangling, inner);
  const gap = members.length > 0 && node.dangling[0]?.blankBefore === true ? [''] : [];
  return [`${indent}${before}${open}`, ...lines, ...gap, ...dangling, `${indent}${close}${after}`];
}

function memberLines(
  { key, value, leading, blankBefore, trailing }: Member,
  role: Role,
  { indent, comma, first, of }: { indent: string; comma: string; first: boolean; of: Role },
): string[] {
  const separated = leading.length > 0 ? leading[0]?.blankBefore === true : blankBefore;
  const before = key === undefined ? '' : `${key.written}: `;
  const lines = nodeLines(value, role, {
    indent,
    before,
    after: comma,
    expanded: of === 'definition' && role === 'steps',
  });
  const last = [lines.pop() ?? '', ...trailing.map((comment) => realigned(comment, indent))].join(' ');
  return [
    ...(separated && !first ? [''] : []),
    ...commentLines(leading, indent),
    ...(leading.length > 0 && blankBefore ? [''] : []),
    ...lines,
    last,
  ];
}

/** Undefined if it must not stand on one line. */
function flatText(node: SourceNode, role: Role): string | undefined {
  if (node.kind === 'scalar') return node.text;
  if (node.dangling.length > 0 || (role === 'steps' && node.members.length > 1)) return undefined;
  const parts: string[] = [];
  for (const member of inOrder(node, role)) {
    const { key, value, leading, trailing } = member;
    const text = leading.length + trailing.length > 0 ? undefined : flatText(value, roleIn(node, role, member));
    if (text === undefined) return undefined;
    parts.push(key === undefined ? text : `${key.written}: ${text}`);
  }
  const [open, close] = brackets(node);
  const blank = node.kind === 'object' && parts.length > 0 ? ' ' : '';
  return `${open}${blank}${parts.join(', ')}${blank}${close}`;
}

/** A comment before the first member is most likely about the whole object, so it stays at the top. */
function inOrder({ kind, members }: Container, role: Role): Member[] {
  if (kind === 'array') return members;
  const sorted = members.toSorted((a, b) => rankOf(role, a.key?.name ?? '') - rankOf(role, b.key?.name ?? ''));
  const [top] = sorted;
  const [first] = members;
  if (top === undefined || first === undefined || top === first) return members;
  const moved = { ...top, leading: [...first.leading, ...top.leading] };
  return [moved, ...sorted.slice(1).map((member) => (member === first ? { ...first, leading: [] } : member))];
}

function roleIn({ kind }: Container, role: Role, { key }: Member): Role {
  return kind === 'array' ? roleOfItems(role) : roleOfMember(role, key?.name ?? '');
}

function brackets({ kind }: Container): [string, string] {
  return kind === 'object' ? ['{', '}'] : ['[', ']'];
}

function commentLines(comments: Comment[], indent: string): string[] {
  return comments.flatMap((comment, position) => [
    ...(comment.blankBefore && position > 0 ? [''] : []),
    `${indent}${realigned(comment, indent)}`,
  ]);
}

/** Block comments keep their lines, except that lines which all begin with an asterisk are indented. */
function realigned({ text }: Comment, indent: string): string {
  const [first = '', ...others] = text.split('\n');
  if (!others.every((line) => line.trimStart().startsWith('*'))) return text;
  return [first.trimEnd(), ...others.map((line) => `${indent} ${line.trim()}`)].join('\n');
}
