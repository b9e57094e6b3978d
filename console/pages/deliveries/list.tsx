import { Page } from '../../parts/page.tsx';
import { useWords } from '../../words/words.ts';
import { DeliveryList } from './delivery-list.tsx';

/** The deliveries to all endpoints. */
export default function Deliveries() {
  const { endpoints } = useWords();
  return (
    <Page title={endpoints.deliveries}>
      <DeliveryList />
    </Page>
  );
}
