import './code.css';
import { Copy } from './copy.tsx';

/** A text as a program prints or takes it, with a button to copy it. */
export function Code({ text, what }: { text: string; what: string }) {
  return (
    <div class="code-block">
      <pre tabIndex={0}>{text}</pre>
      <Copy text={text} what={what} />
    </div>
  );
}
