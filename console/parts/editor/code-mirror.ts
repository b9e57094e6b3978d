import { autocompletion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { json } from '@codemirror/lang-json';
import { syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState, Transaction } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { basicSetup } from 'codemirror';

/** Something to say about a part of the text. */
export interface EditorMark {
  /** Both count from 1, columns in UTF-16 code units. */
  line: number;
  column: number;
  length: number;
  severity: 'error' | 'warning';
  message: string;
}

/** What may be written after a text. Null: nothing is known. */
export type Completer = (before: string) => { from: number; options: readonly CompletionOption[] } | null;

export interface CompletionOption {
  label: string;
  /** What is inserted, with its quotes. */
  apply: string;
  detail?: string;
  info?: string;
}

export interface EditorHandle {
  setText: (text: string) => void;
  setMarks: (marks: readonly EditorMark[]) => void;
  /** Scrolls to a line, counted from 1, and puts the cursor there. */
  reveal: (line: number) => void;
  close: () => void;
}

interface Options {
  text: string;
  label: string;
  isReadOnly: boolean;
  onChange: (text: string) => void;
  onLine: (line: number) => void;
  complete: Completer;
}

/** Opens CodeMirror in an element. In a shadow root it uses constructed style sheets, which the policy of the page allows. */
export function openEditor(host: HTMLElement, options: Options): EditorHandle {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const { text, label, isReadOnly, onChange, onLine, complete } = options;
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        basicSetup,
        json(),
        syntaxHighlighting({ style: (tags) => tags.map((tag) => classes[String(tag)]).find(Boolean) ?? null }),
        theme,
        EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' }),
        EditorState.readOnly.of(isReadOnly),
        ...(isReadOnly
          ? []
          : [lintGutter(), autocompletion({ override: [(context) => completion(context, complete)] })]),
        EditorView.updateListener.of((update) => {
          const isOwn = update.transactions.some((each) => each.annotation(Transaction.remote) === true);
          if (update.docChanged && !isOwn) onChange(update.state.doc.toString());
          const line = lineOfCursor(update.state);
          if (update.selectionSet && !isOwn && line !== lineOfCursor(update.startState)) onLine(line);
        }),
      ],
    }),
  });
  view.scrollDOM.tabIndex = 0; // So that it can be scrolled with the keyboard.
  return {
    setText(changed) {
      if (view.state.doc.toString() === changed) return;
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: changed },
        annotations: Transaction.remote.of(true),
      });
    },
    setMarks(marks) {
      view.dispatch(
        setDiagnostics(
          view.state,
          marks.map((mark) => diagnostic(view.state, mark)),
        ),
      );
    },
    reveal(number) {
      if (number < 1 || number > view.state.doc.lines) return;
      const { from } = view.state.doc.line(number);
      const effects = EditorView.scrollIntoView(from, { y: 'center' });
      view.dispatch({ selection: { anchor: from }, effects, annotations: Transaction.remote.of(true) });
    },
    close: () => view.destroy(),
  };
}

function lineOfCursor({ doc, selection }: EditorState): number {
  return doc.lineAt(selection.main.head).number;
}

/** The text may have changed since it was looked at. */
function diagnostic({ doc }: EditorState, { line, column, length, severity, message }: EditorMark) {
  const start = doc.line(Math.min(Math.max(line, 1), doc.lines)).from + Math.max(0, column - 1);
  const from = Math.min(start, doc.length);
  return { from, to: Math.min(from + length, doc.length), severity, message };
}

function completion(context: CompletionContext, complete: Completer): CompletionResult | null {
  const found = complete(context.state.sliceDoc(0, context.pos));
  if (found === null || (found.from === context.pos && !context.explicit)) return null;
  return {
    from: found.from,
    options: found.options.map(({ label, apply, detail, info }) => ({
      ...{ label, displayLabel: label, apply },
      ...(detail !== undefined && { detail }),
      ...(info !== undefined && { info }),
    })),
    filter: true,
  };
}

/** By the names of the parser's tags. */
const classes: Record<string, string> = {
  propertyName: 'json-key',
  string: 'json-string',
  number: 'json-number',
  bool: 'json-word',
  null: 'json-word',
};

const theme = EditorView.theme({
  '&': { flex: '1', minWidth: '0', backgroundColor: 'var(--surface)', color: 'var(--text)', fontSize: '13px' },
  '&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--text-3)', borderRight: '1px solid var(--line)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--accent-soft)' },
  '.cm-activeLineGutter': { color: 'var(--text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--mark)',
  },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--mark)' },
  '.cm-foldPlaceholder': { backgroundColor: 'var(--surface-2)', color: 'var(--text-2)', border: 'none' },
  '.cm-tooltip, .cm-panels': {
    ...{ backgroundColor: 'var(--surface)', color: 'var(--text)', border: '1px solid var(--line)' },
    maxWidth: '36rem',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
  '.cm-completionDetail': { color: 'inherit', fontStyle: 'normal', opacity: '0.85' },
  '.cm-panels button, .cm-panels input': { font: 'inherit', color: 'inherit', backgroundImage: 'none' },
  '.json-key': { color: 'var(--run)' },
  '.json-string': { color: 'var(--ok)' },
  '.json-number': { color: 'var(--warn)' },
  '.json-word': { color: 'var(--wait)' },
});
