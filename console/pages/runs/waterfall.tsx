import './waterfall.css';
import { memo } from 'preact/compat';
import { useMemo, useState } from 'preact/hooks';
import { duration } from '../../parts/format.ts';
import { goAlong } from '../../parts/go-along.ts';
import { stepTones } from '../../parts/tones.ts';
import { useWords } from '../../words/words.ts';
import { type FullRun, type RunStep, stepOfKey } from './run-state.ts';
import { evenScale, isUneven, linearScale, type Row, rowsOf, type Scale } from './waterfall-rows.ts';

/** Verbs that wait rather than work. */
const waits: readonly string[] = ['wait', 'waitFor', 'approve'];

/** Of more rows, only those in view are drawn. */
const mostDrawn = 100;

/** The steps of a run below each other, each with a bar of when it was under way. Waits are hatched; what is retried says when it goes on. */
export function Waterfall({
  run,
  nowMs,
  selected,
  onSelect,
}: {
  run: FullRun;
  nowMs: number;
  selected: string | null;
  onSelect: (step: string) => void;
}) {
  const { runs } = useWords();
  const rows = useMemo(() => rowsOfRun(run), [run]);
  const endMs = run.closedAt === null ? nowMs : Date.parse(run.closedAt);
  const instants = useMemo(() => instantsOf(rows, Date.parse(run.startedAt), endMs), [rows, run, endMs]);
  const canBeEven = useMemo(() => isUneven(instants), [instants]);
  const [isTrue, setTrue] = useState(false);
  const isEven = canBeEven && !isTrue;
  const scale = useMemo(
    () => (isEven ? evenScale(instants) : linearScale(instants[0] ?? 0, endMs)),
    [isEven, instants, endMs],
  );
  /** The tabulator key leads to one row only: there may be hundreds. */
  const entry = rows.some(({ step }) => step.id === selected) ? selected : rows[0]?.step.id;
  return (
    <div class="waterfall">
      <svg width="0" height="0" aria-hidden="true" class="waterfall-defs">
        <defs>
          <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect class="hatch-ground" width="6" height="6" />
            <rect class="hatch-line" width="2.5" height="6" />
          </pattern>
        </defs>
      </svg>
      {canBeEven && (
        <label class="check small waterfall-scale">
          <input type="checkbox" checked={isTrue} onChange={(event) => setTrue(event.currentTarget.checked)} />
          {runs.trueToTime}
        </label>
      )}
      <ol aria-label={runs.waterfall} class={rows.length > mostDrawn ? 'long' : undefined} onKeyDown={goAlong}>
        {rows.map((row) => (
          <WaterfallRow
            key={row.step.id}
            {...{ row, run, scale, endMs, onSelect }}
            isSelected={selected === row.step.id}
            isEntry={entry === row.step.id}
          />
        ))}
      </ol>
    </div>
  );
}

interface RowProps {
  row: Row;
  run: FullRun;
  scale: Scale;
  endMs: number;
  isSelected: boolean;
  /** Whether the tabulator key leads here. */
  isEntry: boolean;
  onSelect: (step: string) => void;
}

/** Drawn again only if it has changed. */
const WaterfallRow = memo(function WaterfallRow(props: RowProps) {
  const { row, run, scale, endMs, isSelected, isEntry, onSelect } = props;
  const { step, depth, branch } = row;
  const { runs, locale } = useWords();
  const { startedAt, endedAt } = step;
  const fromMs = startedAt === null ? null : Date.parse(startedAt);
  const toMs = endedAt === null ? endMs : Date.parse(endedAt);
  const tone = stepTones[step.status];
  const tries = triesOf(run, step);
  const isWait = waits.includes(step.verb);
  return (
    <li>
      <button
        type="button"
        class={`waterfall-row ${step.status}${isSelected ? ' selected' : ''}`}
        tabIndex={isEntry ? 0 : -1}
        aria-pressed={isSelected}
        onClick={() => onSelect(step.id)}
      >
        <span class={`waterfall-name depth-${Math.min(depth, 6)}`}>
          <span class={`step-dot ${tone}`} aria-hidden="true" />
          <span class="cut">
            {branch !== '' && <span class="waterfall-branch">{branch}</span>}
            {step.title}
          </span>
          <span class="visually-hidden">{runs.stepStates[step.status]}</span>
        </span>
        <svg class="waterfall-bar" width="100%" height="18" aria-hidden="true">
          {fromMs !== null && <Bar from={scale(fromMs)} to={scale(toMs)} tone={tone} isWait={isWait} />}
        </svg>
        <span class="waterfall-time">
          {fromMs !== null && endedAt !== null && duration(toMs - fromMs, locale)}
          {fromMs !== null && endedAt === null && step.status !== 'pending' && duration(endMs - fromMs, locale)}
          {tries !== null && <span class="waterfall-tries">{runs.attempt(tries)}</span>}
          {step.items !== null && <span class="waterfall-tries">{runs.items(step.items.done, step.items.count)}</span>}
        </span>
      </button>
    </li>
  );
});

function Bar({ from, to, tone, isWait }: { from: number; to: number; tone: string; isWait: boolean }) {
  const x = Math.min(from * 100, 99.2);
  const width = Math.max((to - from) * 100, 0.8);
  return (
    <rect
      class={`bar ${tone}${isWait ? ' waits' : ''}`}
      x={`${x}%`}
      y={4}
      width={`${Math.min(width, 100 - x)}%`}
      height={10}
      rx={2.5}
      fill={isWait ? 'url(#hatch)' : undefined}
    />
  );
}

function rowsOfRun({ details }: FullRun): Row[] {
  if (details === null) return [];
  return [...rowsOf(details.steps), ...details.others.flatMap(({ label, steps }) => rowsOf(steps, 0, label))];
}

/** The attempt of a call that is under way. Null: it is the first, or none. */
function triesOf({ calls }: FullRun, { id }: RunStep): number | null {
  const attempts = calls.filter(({ key }) => stepOfKey(key) === id).map(({ attempt }) => attempt);
  const most = Math.max(0, ...attempts);
  return most > 1 ? most : null;
}

function instantsOf(rows: readonly Row[], startMs: number, endMs: number): number[] {
  const told = rows.flatMap(({ step }) => [step.startedAt, step.endedAt]).filter((at) => at !== null);
  const all = [startMs, ...told.map((at) => Date.parse(at)), endMs].filter((at) => !Number.isNaN(at));
  return all.sort((a, b) => a - b);
}
