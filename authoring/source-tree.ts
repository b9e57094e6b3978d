import { createScanner } from 'jsonc-parser';

/** JSON as written: numbers and texts keep their spelling, objects the order of their keys, comments their positions. */
export type SourceNode = { kind: 'scalar'; text: string } | Container;

export interface Container {
  kind: 'object' | 'array';
  members: Member[];
  /** Comments after the last member, on their own lines. */
  dangling: Comment[];
}

export interface Member {
  /** Undefined in an array. */
  key?: { name: string; written: string };
  value: SourceNode;
  leading: Comment[];
  /** Whether a blank line stands directly before it, after its own comments. */
  blankBefore: boolean;
  /** On the line on which the value ends. */
  trailing: Comment[];
}

export interface Comment {
  /** With its slashes; line ends are `\n`. */
  text: string;
  blankBefore: boolean;
}

export interface SourceTree {
  header: Comment[];
  root: SourceNode;
  /** Whether a blank line separates the header from the root. */
  blankBefore: boolean;
  footer: Comment[];
}

interface Token {
  kind: number;
  text: string;
  name: string;
  comments: ScannedComment[];
  /** Line breaks since the previous comment or token. */
  lineBreaks: number;
}

interface ScannedComment {
  text: string;
  lineBreaks: number;
}

/** jsonc-parser's `SyntaxKind`, an ambient const enum. */
const kinds = {
  openBrace: 1,
  closeBrace: 2,
  openBracket: 3,
  closeBracket: 4,
  comma: 5,
  lineBreak: 14,
  blank: 15,
  end: 17,
};
const commentKinds = [12, 13];

/** Reads a text in which `parseSource` found no errors. For any other text the result is meaningless. */
export function readSourceTree(text: string): SourceTree {
  const tokens = tokensOf(text);
  let position = 0;
  const peek = (): Token => tokens[position] ?? endToken;
  const next = (): Token => tokens[position++] ?? endToken;

  function readValue(): SourceNode {
    const token = next();
    if (token.kind === kinds.openBrace) return readContainer('object', kinds.closeBrace);
    if (token.kind === kinds.openBracket) return readContainer('array', kinds.closeBracket);
    return { kind: 'scalar', text: token.text };
  }

  function readContainer(kind: Container['kind'], close: number): Container {
    const members: Member[] = [];
    let loose: Comment[] = []; // Comments of the next member, or of the end.
    while (peek().kind !== close && peek().kind !== kinds.end) {
      const member = readMember(kind, loose);
      members.push(member);
      loose = readTrailing(member, peek());
      if (peek().kind === kinds.comma) {
        next();
        const lineIsOver = loose.length > 0 || member.trailing.some(({ text }) => text.startsWith('//'));
        if (!lineIsOver) loose = readTrailing(member, peek());
      }
    }
    const dangling = [...loose, ...next().comments.map(placed)];
    return { kind, members, dangling };
  }

  function readMember(kind: Container['kind'], loose: Comment[]): Member {
    const first = peek();
    const leading = [...loose, ...first.comments.map(placed)];
    const blankBefore = first.lineBreaks > 1;
    if (kind === 'array') return { value: readValue(), leading, blankBefore, trailing: [] };
    const { name, text: written } = next();
    const between = [...next().comments, ...peek().comments].map((comment) => ({
      ...placed(comment),
      blankBefore: false,
    }));
    return { key: { name, written }, value: readValue(), leading: [...leading, ...between], blankBefore, trailing: [] };
  }

  const { comments, lineBreaks } = peek();
  const root = readValue();
  return { header: comments.map(placed), root, blankBefore: lineBreaks > 1, footer: peek().comments.map(placed) };
}

const endToken: Token = { kind: kinds.end, text: '', name: '', comments: [], lineBreaks: 0 };

/**
 * Gives a member the comments that follow it on its line, taking them from the next token, and returns the others. A comment on
 * a line that continues with the next member belongs to that member.
 */
function readTrailing(member: Member, following: Token): Comment[] {
  const { comments } = following;
  const broken = comments.findIndex(({ lineBreaks }) => lineBreaks > 0);
  const onLine = broken === -1 ? comments.length : broken;
  const goesOn = broken === -1 && following.lineBreaks === 0 && !endsMember(following);
  if (goesOn) return [];
  member.trailing.push(...comments.slice(0, onLine).map(placed));
  const rest = comments.slice(onLine);
  following.comments = [];
  return rest.map(placed);
}

function endsMember({ kind }: Token): boolean {
  return kind === kinds.comma || kind === kinds.closeBrace || kind === kinds.closeBracket;
}

function placed({ text, lineBreaks }: ScannedComment): Comment {
  return { text, blankBefore: lineBreaks > 1 };
}

function tokensOf(source: string): Token[] {
  const text = source.replace(/^\uFEFF/, '');
  const scanner = createScanner(text, false);
  const tokens: Token[] = [];
  let comments: ScannedComment[] = [];
  let lineBreaks = 0;
  for (let kind: number = scanner.scan(); kind !== kinds.end; kind = scanner.scan()) {
    const start = scanner.getTokenOffset();
    const written = text.slice(start, start + scanner.getTokenLength());
    if (kind === kinds.lineBreak) lineBreaks += 1;
    else if (commentKinds.includes(kind)) {
      comments.push({ text: written.replaceAll(/\r\n?/g, '\n').trimEnd(), lineBreaks });
      lineBreaks = 0;
    } else if (kind !== kinds.blank) {
      tokens.push({ kind, text: written, name: scanner.getTokenValue(), comments, lineBreaks });
      comments = [];
      lineBreaks = 0;
    }
  }
  return [...tokens, { ...endToken, comments, lineBreaks }];
}
