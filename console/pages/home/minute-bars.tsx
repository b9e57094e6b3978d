import { number } from '../../parts/format.ts';
import { useWords } from '../../words/words.ts';

const height = 28;
const step = 4;

/** How much there was in each of the last 60 minutes. What nobody counted is left open. */
export function MinuteBars({ name, perMinute }: { name: string; perMinute: readonly (number | null)[] }) {
  const { home, locale } = useWords();
  const counted = perMinute.filter((count) => count !== null);
  const most = Math.max(0, ...counted);
  const total = counted.reduce((sum, count) => sum + count, 0);
  const label = home.lastHour(name, number(total, locale), number(most, locale));
  return (
    <svg
      class="minutes"
      viewBox={`0 0 ${perMinute.length * step} ${height + 1}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      {perMinute.map((count, index) => {
        if (count === null)
          return <rect key={index} class="unknown" x={index * step} y={0} width={step} height={height} />;
        const tall = count === 0 ? 0 : Math.max(1.5, (count / most) * height);
        return <rect key={index} x={index * step + 0.5} y={height - tall} width={step - 1} height={tall} />;
      })}
      <line x1={0} x2={perMinute.length * step} y1={height + 0.5} y2={height + 0.5} />
    </svg>
  );
}
