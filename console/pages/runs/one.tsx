import { Page } from '../../parts/page.tsx';
import { useWords } from '../../words/words.ts';

export default function RunsOne() {
  const { runs } = useWords();
  return <Page title={runs.title}>{null}</Page>;
}
