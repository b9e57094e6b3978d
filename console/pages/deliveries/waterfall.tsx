import './deliveries.css';
import { duration } from '../../parts/format.ts';
import { useWords } from '../../words/words.ts';
import { phasesOf, type Timings } from './phases.ts';

const width = 1_000;

/** The parts of an attempt as bars below each other. */
export function Waterfall({ timings }: { timings: Timings }) {
  const { endpoints, locale } = useWords();
  const phases = phasesOf(timings);
  const whole = Math.max(timings.totalMs, 0.001);
  return (
    <table class="phases">
      <caption class="visually-hidden">{endpoints.timings}</caption>
      <tbody>
        {phases.map(({ name, fromMs, ms }) => (
          <tr key={name}>
            <th scope="row">{endpoints.phases[name]}</th>
            <td class="phases-bar">
              <svg viewBox={`0 0 ${width} 10`} preserveAspectRatio="none" aria-hidden="true">
                <rect class="track" x={0} y={0} width={width} height={10} />
                <rect
                  class={`phase-${name}`}
                  x={(fromMs / whole) * width}
                  y={0}
                  width={Math.max(4, (ms / whole) * width)}
                  height={10}
                />
              </svg>
            </td>
            <td class="number">{duration(ms, locale)}</td>
          </tr>
        ))}
        <tr class="phases-sum">
          <th scope="row" colSpan={2}>
            {timings.reused === true ? endpoints.totalReused : endpoints.total}
          </th>
          <td class="number">{duration(timings.totalMs, locale)}</td>
        </tr>
      </tbody>
    </table>
  );
}
