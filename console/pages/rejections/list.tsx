import { Page } from '../../parts/page.tsx';
import { useWords } from '../../words/words.ts';
import { RejectionList } from '../sources/rejection-list.tsx';

/** The rejected requests of all sources, and those to no source. */
export default function Rejections() {
  const { sources } = useWords();
  return (
    <Page title={sources.rejectedTitle} up={{ href: '/sources', title: sources.title }} about={sources.rejectedAbout}>
      <RejectionList of={null} pageSize={50} />
    </Page>
  );
}
