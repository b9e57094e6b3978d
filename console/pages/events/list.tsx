import { Page } from '../../parts/page.tsx';
import { useWords } from '../../words/words.ts';

export default function EventsList() {
  const { events } = useWords();
  return <Page title={events.title}>{null}</Page>;
}
