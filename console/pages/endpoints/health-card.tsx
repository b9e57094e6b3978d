import './endpoints.css';
import '../../parts/filter-bar.css';
import { useState } from 'preact/hooks';
import { api, answerOf } from '../../app/api.ts';
import { useLive } from '../../app/live.ts';
import { useLoad } from '../../app/use-load.ts';
import { Card } from '../../parts/card.tsx';
import { duration, fullTime, number } from '../../parts/format.ts';
import { Icon } from '../../parts/icon.tsx';
import { Load } from '../../parts/load.tsx';
import { useWords } from '../../words/words.ts';
import { barsOf, type Health } from './bars.ts';

const ranges = [1, 7, 30] as const;

/** Attempts over time: how many, how many failed, and how long they took. */
export function HealthCard({ id }: { id: string }) {
  const { endpoints } = useWords();
  const [days, setDays] = useState<number>(7);
  const loaded = useLoad(`${id} ${days}`, (signal) =>
    answerOf(api.GET('/endpoints/{endpoint}/health', { signal, params: { path: { endpoint: id }, query: { days } } })),
  );
  useLive(['deliveries'], loaded.reload);
  return (
    <Card
      title={endpoints.health}
      actions={
        <div class="filter">
          <select
            aria-label={endpoints.range}
            value={days}
            onChange={(event) => setDays(Number(event.currentTarget.value))}
          >
            {ranges.map((each) => (
              <option key={each} value={each}>
                {endpoints.lastDays(each)}
              </option>
            ))}
          </select>
          <Icon name="down" size={14} />
        </div>
      }
    >
      <Load of={loaded}>{(health) => <Shown health={health} days={days} />}</Load>
    </Card>
  );
}

function Shown({ health, days }: { health: Health; days: number }) {
  const { endpoints, locale } = useWords();
  const bars = barsOf(health.hours, days, Date.now());
  const attempts = bars.reduce((sum, bar) => sum + bar.attempts, 0);
  const failed = bars.reduce((sum, bar) => sum + bar.failed, 0);
  const newest = health.hours.at(-1);
  const waiting = health.parked.reduce((sum, { count }) => sum + count, 0);
  const share = attempts === 0 ? '—' : `${number((100 * (attempts - failed)) / attempts, locale, 1)} %`;
  return (
    <>
      <dl class="figures">
        {[
          [endpoints.succeeded, share],
          [endpoints.attempts, number(attempts, locale)],
          [endpoints.median, timeOf(newest?.medianMs ?? null, locale)],
          [endpoints.slow, timeOf(newest?.slowMs ?? null, locale)],
          [endpoints.parked, number(waiting, locale)],
        ].map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {health.parked.length > 0 && (
        <ul class="small muted">
          {health.parked.map(({ because, count }) => (
            <li key={because}>
              {number(count, locale)}: {endpoints.parkedBecause[because]}
            </li>
          ))}
        </ul>
      )}
      <Chart bars={bars} label={endpoints.chart(attempts, failed)} />
      <div class="legend" aria-hidden="true">
        <span>{endpoints.succeededAttempts}</span>
        <span class="bad">{endpoints.failedAttempts}</span>
      </div>
      {health.isSample && <p class="small faint">{endpoints.sample}</p>}
    </>
  );
}

function timeOf(ms: number | null, locale: string): string {
  return ms === null ? '—' : duration(ms, locale);
}

function dayAndHour(atMs: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(atMs);
}

const height = 80;

function Chart({ bars, label }: { bars: ReturnType<typeof barsOf>; label: string }) {
  const { endpoints, locale } = useWords();
  const highest = Math.max(1, ...bars.map(({ attempts }) => attempts));
  const first = bars[0];
  return (
    <div>
      <svg class="health-chart" viewBox={`0 0 ${bars.length * 10} ${height + 2}`} preserveAspectRatio="none" role="img">
        <title>{label}</title>
        {bars.map(({ fromMs, attempts, failed }, index) => {
          const whole = (attempts / highest) * height;
          const bad = failed === 0 ? 0 : Math.max(2, (failed / highest) * height);
          return (
            <g key={fromMs}>
              <title>{endpoints.bar(fullTime(fromMs, locale), attempts, failed)}</title>
              <rect class="slot" x={index * 10} y={0} width={10} height={height} />
              <rect class="mark-ok" x={index * 10 + 1} y={height - whole} width={8} height={Math.max(0, whole - bad)} />
              <rect class="mark-bad" x={index * 10 + 1} y={height - bad} width={8} height={bad} />
            </g>
          );
        })}
        <line class="base" x1={0} x2={bars.length * 10} y1={height + 1} y2={height + 1} />
      </svg>
      <div class="health-scale" aria-hidden="true">
        <span>{first === undefined ? '' : dayAndHour(first.fromMs, locale)}</span>
        <span>{endpoints.now}</span>
      </div>
    </div>
  );
}
