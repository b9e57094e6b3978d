import { isWordCharacter, parsePattern, PatternProblem, type PatternNode } from './pattern-syntax.ts';

/**
 * Patterns that come from a JSON Schema. JavaScript's own regular expressions may take forever for a few characters that a stranger
 * typed; these take at most as many steps as the pattern and the text are long, multiplied.
 */
export interface Pattern {
  /** Whether the pattern matches somewhere in the text. `charge` is told of each step, and may throw. */
  matches(text: string, charge: (steps: number) => void): boolean;
}

/** Each repetition counts as often as it may be repeated. */
const mostInstructions = 2_000;

type Instruction =
  | { op: 'set'; has: (code: number) => boolean }
  | { op: 'when'; kind: 'start' | 'end' | 'boundary' | 'inside' }
  | { op: 'fork'; other: number }
  | { op: 'jump'; to: number };

/** Returns what is wrong with a pattern, as the end of a sentence that begins with "the pattern", or undefined. */
export function patternProblem(source: string): string | undefined {
  try {
    compilePattern(source);
    return undefined;
  } catch (error) {
    if (error instanceof PatternProblem) return error.message;
    throw error;
  }
}

/** Throws a {@link PatternProblem}. */
export function compilePattern(source: string): Pattern {
  const program: Instruction[] = [];
  emit(parsePattern(source), program);
  return { matches: (text, charge) => run(program, text, charge) };
}

/** Appends the instructions of a part. What comes after them runs when the part has matched. */
function emit(node: PatternNode, program: Instruction[]): void {
  if (node.kind === 'set') add({ op: 'set', has: node.has }, program);
  else if (node.kind === 'sequence') for (const part of node.parts) emit(part, program);
  else if (node.kind === 'choice') emitChoice(node.options, program);
  else if (node.kind === 'repeat') emitRepeat(node, program);
  else add({ op: 'when', kind: node.kind }, program);
}

function add(instruction: Instruction, program: Instruction[]): void {
  program.push(instruction);
  if (program.length > mostInstructions) throw new PatternProblem('repeats too much');
}

function emitChoice(options: PatternNode[], program: Instruction[]): void {
  const jumps: { op: 'jump'; to: number }[] = [];
  for (const [position, option] of options.entries()) {
    const fork = { op: 'fork' as const, other: 0 };
    const isLast = position === options.length - 1;
    if (!isLast) add(fork, program);
    emit(option, program);
    if (isLast) break;
    const jump = { op: 'jump' as const, to: 0 };
    jumps.push(jump);
    add(jump, program);
    fork.other = program.length;
  }
  for (const jump of jumps) jump.to = program.length;
}

function emitRepeat({ part, least, most }: PatternNode & { kind: 'repeat' }, program: Instruction[]): void {
  for (let count = 0, before = -1; count < least && program.length > before; count += 1) {
    before = program.length; // A part without instructions, such as "()", needs no more than once.
    emit(part, program);
  }
  if (most === Infinity) {
    const fork = { op: 'fork' as const, other: 0 };
    const start = program.length;
    add(fork, program);
    emit(part, program);
    add({ op: 'jump', to: start }, program);
    fork.other = program.length;
    return;
  }
  const forks = Array.from({ length: most - least }, () => ({ op: 'fork' as const, other: 0 }));
  for (const fork of forks) {
    add(fork, program);
    emit(part, program);
  }
  for (const fork of forks) fork.other = program.length;
}

/** Follows all ways through the program at once, so that no character is looked at twice for the same instruction. */
function run(program: Instruction[], text: string, charge: (steps: number) => void): boolean {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  let waiting: number[] = [];
  for (let at = 0; at <= codes.length; at += 1) {
    const reached = reachable([...waiting, 0], { program, codes, at });
    charge(reached.size + 1);
    if (reached.has(program.length)) return true;
    const code = codes[at];
    waiting = code === undefined ? [] : advanced(reached, program, code);
  }
  return false;
}

/** The instructions that wait for a character, or the program's end, and all on the way there. */
function reachable(from: number[], place: { program: Instruction[]; codes: number[]; at: number }): Set<number> {
  const reached = new Set<number>();
  const open = from;
  for (let position = open.pop(); position !== undefined; position = open.pop()) {
    if (reached.has(position)) continue;
    reached.add(position);
    const instruction = place.program[position];
    if (instruction === undefined || instruction.op === 'set') continue;
    if (instruction.op === 'jump') open.push(instruction.to);
    else if (instruction.op === 'fork') open.push(position + 1, instruction.other);
    else if (isThere(instruction.kind, place)) open.push(position + 1);
  }
  return reached;
}

function isThere(
  kind: 'start' | 'end' | 'boundary' | 'inside',
  { codes, at }: { codes: number[]; at: number },
): boolean {
  if (kind === 'start') return at === 0;
  if (kind === 'end') return at === codes.length;
  const isWord = (code: number | undefined) => code !== undefined && isWordCharacter(code);
  return (isWord(codes[at - 1]) === isWord(codes[at])) === (kind === 'inside');
}

function advanced(reached: Set<number>, program: Instruction[], code: number): number[] {
  const next: number[] = [];
  for (const position of reached) {
    const instruction = program[position];
    if (instruction?.op === 'set' && instruction.has(code)) next.push(position + 1);
  }
  return next;
}
