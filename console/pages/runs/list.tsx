import { Page } from '../../parts/page.tsx';
import { useWords } from '../../words/words.ts';

export default function RunsList() {
  const { runs } = useWords();
  return <Page title={runs.title}>{null}</Page>;
}
