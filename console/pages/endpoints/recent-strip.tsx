import './endpoints.css';
import type { components } from '../../../cli/api-types.ts';
import { deliveryTones } from '../../parts/tones.ts';
import { useWords } from '../../words/words.ts';

const places = 20;
const step = 6;

/** The newest deliveries as a row of bars: tall ones have ended, the others are on their way. */
export function RecentStrip({ recent }: { recent: components['schemas']['ListedEndpoint']['recent'] }) {
  const { endpoints } = useWords();
  const delivered = recent.filter(({ state }) => state === 'delivered').length;
  const first = places - recent.length;
  return (
    <svg
      class="recent"
      viewBox={`0 0 ${places * step} 20`}
      role="img"
      aria-label={recent.length === 0 ? endpoints.noneRecent : endpoints.recentOf(delivered, recent.length)}
    >
      {Array.from({ length: places }, (_, index) => {
        const delivery = recent[index - first];
        const tone = delivery === undefined ? null : deliveryTones[delivery.state];
        const isWhole = tone === 'ok' || tone === 'bad';
        return (
          <rect
            key={index}
            class={tone === null ? 'none' : `mark-${tone}`}
            x={index * step + 1}
            y={isWhole ? 2 : 8}
            width={step - 2}
            height={isWhole ? 16 : 10}
            rx={1}
          />
        );
      })}
    </svg>
  );
}
