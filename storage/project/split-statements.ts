/** One statement of an SQL text, without the semicolon behind it. */
export interface SqlStatement {
  text: string;
  /** Where it begins. */
  offset: number;
  /** Its first words outside of comments, in lower case, at most four. */
  words: string[];
}

/** Whatever a semicolon is no end in, and single characters. */
const token = new RegExp(
  [
    String.raw`(?<blank>\s+|--[^\n]*)`,
    String.raw`(?<comment>/\*)`,
    String.raw`(?<dollar>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)`,
    String.raw`(?<quoted>[eE]'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*'?|'[^']*(?:''[^']*)*'?|"[^"]*(?:""[^"]*)*"?)`,
    String.raw`(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`,
    String.raw`(?<mark>[\s\S])`,
  ].join('|'),
  'y',
);

/**
 * Takes an SQL text apart, as psql does: semicolons in strings, comments, parentheses, and in bodies of functions (`begin atomic … end`)
 * end no statement. Empty statements are left out.
 */
export function splitStatements(sql: string): SqlStatement[] {
  const statements: SqlStatement[] = [];
  let current = begin();
  const end = (offset: number) => {
    if (current.offset !== null) {
      statements.push({
        text: sql.slice(current.offset, offset).trimEnd(),
        offset: current.offset,
        words: current.words,
      });
    }
    current = begin();
  };
  for (let offset = 0; offset < sql.length;) {
    token.lastIndex = offset;
    const { 0: text = '', groups = {} } = token.exec(sql) ?? {};
    const { comment, dollar, word, mark, blank } = groups;
    let next = offset + text.length;
    if (comment !== undefined) next = endOfComment(sql, next);
    else if (dollar !== undefined) next = endOfDollars(sql, next, dollar);
    if (mark === ';' && current.parentheses === 0 && current.blocks === 0) end(offset);
    else if (blank === undefined && comment === undefined) {
      current.offset ??= offset;
      if (word !== undefined) takeWord(current, word.toLowerCase());
      else if (mark === '(') current.parentheses += 1;
      else if (mark === ')') current.parentheses = Math.max(0, current.parentheses - 1);
    }
    offset = next;
  }
  end(sql.length);
  return statements;
}

interface Current {
  offset: number | null;
  words: string[];
  parentheses: number;
  /** How many `begin atomic` and `case` are open. */
  blocks: number;
}

function begin(): Current {
  return { offset: null, words: [], parentheses: 0, blocks: 0 };
}

const makesRoutine = /^create (?:or replace )?(?:function|procedure)\b/;

function takeWord(current: Current, word: string): void {
  if (current.words.length < 4) current.words.push(word);
  if (current.parentheses > 0 || !makesRoutine.test(current.words.join(' '))) return;
  if (word === 'begin' || (word === 'case' && current.blocks > 0)) current.blocks += 1;
  else if (word === 'end' && current.blocks > 0) current.blocks -= 1;
}

/** Comments may contain others. */
function endOfComment(sql: string, start: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start;
  for (let depth = 1; depth > 0;) {
    const found = edge.exec(sql);
    if (found === null) return sql.length;
    depth += found[0] === '/*' ? 1 : -1;
  }
  return edge.lastIndex;
}

function endOfDollars(sql: string, start: number, quote: string): number {
  const end = sql.indexOf(quote, start);
  return end === -1 ? sql.length : end + quote.length;
}
