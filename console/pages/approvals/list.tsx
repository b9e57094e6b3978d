import './approvals.css';
import { answerOf, api } from '../../app/api.ts';
import { Link } from '../../app/link.tsx';
import { runLink } from '../../app/links.ts';
import { useLive } from '../../app/live.ts';
import { usePages } from '../../app/use-pages.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Facts } from '../../parts/facts.tsx';
import { FilterBar, useFilters } from '../../parts/filter-bar.tsx';
import { Load } from '../../parts/load.tsx';
import { Money } from '../../parts/money.tsx';
import { More } from '../../parts/more.tsx';
import { Page } from '../../parts/page.tsx';
import { Time } from '../../parts/time.tsx';
import { useWords } from '../../words/words.ts';
import { AnswerButton } from './answer-button.tsx';
import { approvalTones, approvedBy, type Approval } from './approval.ts';

/** What people were asked: those questions that wait, or all. */
export default function Approvals() {
  const { approvals } = useWords();
  const { state, run } = useFilters(['state', 'run']);
  const all = state === 'all';
  const list = usePages(`${all} ${run ?? ''}`, (cursor, signal) => {
    const filters = {
      state: all ? ('all' as const) : ('open' as const),
      ...(run !== undefined && { workflowId: run }),
    };
    const query = { ...filters, ...(cursor !== undefined && { cursor }) };
    return answerOf(api.GET('/approvals', { signal, params: { query } }));
  });
  useLive(['approvals'], list.reload);
  return (
    <Page title={approvals.title} about={approvals.about}>
      <FilterBar
        filters={[
          {
            ...{ kind: 'choice', name: 'state', label: approvals.shown, unset: approvals.onlyOpen },
            options: [{ value: 'all', label: approvals.all }],
          },
          { kind: 'text', name: 'run', label: approvals.run, placeholder: approvals.runHint },
        ]}
      />
      <Load of={list}>
        {(items) =>
          items.length === 0 ? (
            <Empty icon="approval" title={all ? approvals.none : approvals.noneOpen}>
              <p>{approvals.noneWhat}</p>
            </Empty>
          ) : (
            <>
              {items.map((approval) => (
                <Question key={approval.id} approval={approval} reload={list.reload} />
              ))}
              {list.hasMore && <More isLoading={list.isLoadingMore} onMore={() => void list.more()} />}
            </>
          )
        }
      </Load>
    </Page>
  );
}

function Question({ approval, reload }: { approval: Approval; reload: () => Promise<void> }) {
  const { approvals } = useWords();
  const { state, rules, answers } = approval;
  const isOpen = state === 'open';
  const who = [...rules.roles.map((role) => approvals.role(role)), ...rules.people].join(', ');
  return (
    <Card
      title={approval.question}
      actions={<Badge tone={approvalTones[state] ?? 'idle'}>{approvals.states[state] ?? state}</Badge>}
    >
      <div class="stack">
        <Facts
          facts={[
            [approvals.order, approval.orderId],
            [
              approvals.amount,
              approval.amount !== null && <Money amount={approval.amount} currency={approval.currency} />,
            ],
            ...approval.details.map(([name = '', value = '']) => [name, value] as const),
            [approvals.requester, approval.requester],
            [approvals.who, who === '' ? approvals.anybody : who],
            [approvals.notBy, rules.notBy],
            [approvals.asked, <Time at={approval.openedAt} />],
            [isOpen ? approvals.until : approvals.closed, <Time at={isOpen ? approval.until : approval.closedAt} />],
            [
              approvals.inRun,
              <Link class="break" href={runLink(approval.workflowId)}>
                {approval.definition} · {approval.step}
              </Link>,
            ],
          ]}
        />
        {(answers.length > 0 || rules.min > 1) && (
          <section class="answers">
            <h3>{approvals.answers(approvedBy(approval), rules.min)}</h3>
            <ul>
              {answers.map((answer) => (
                <li key={`${answer.by} ${answer.at}`}>
                  <Badge tone={answer.approved ? 'ok' : 'bad'}>
                    {answer.approved ? approvals.saidYes : approvals.saidNo}
                  </Badge>
                  <span class="break">
                    <strong>{answer.by}</strong>
                    {answer.reason !== null && <> — {answer.reason}</>}
                  </span>
                  <span class="faint small">
                    <Time at={answer.at} /> · {approvals.ways[answer.via] ?? answer.via}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        )}
        {isOpen && (
          <div class="row">
            <AnswerButton approval={approval} approved={true} reload={reload} />
            <AnswerButton approval={approval} approved={false} reload={reload} />
          </div>
        )}
      </div>
    </Card>
  );
}
