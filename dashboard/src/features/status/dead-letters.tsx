import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { MailCheck, RotateCcw, SearchX, Trash2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';

import { ChangeButton } from '@/components/guarded';
import { LoadMore } from '@/components/load-more';
import { Card } from '@/components/page';
import { ErrorState, LoadingRows, State } from '@/components/states';
import { Button } from '@/components/ui/button';
import { Checkbox } from '@/components/ui/checkbox';
import { Table, TableBody, TableHead, TableHeader, TableRow } from '@/components/ui/table';
import { deadLetterKindsQuery, deadLettersQuery, sumOfKinds, type DeadLetter } from '@/data/operations';
import { useUrlFilter } from '@/lib/url-state';

import { useClausesSaying } from './clauses-saying';
import { ConfirmAct, type Act } from './confirm-act';
import { DeadLetterFilters, parseDeadLetterFilter } from './dead-letter-filters';
import { DeadLetterRow } from './dead-letter-row';
import { rehearsalQuery } from './rehearsal';
import { ReplayAll } from './replay-all';

/** What failed for good: looked at, tried again or discarded, one by one or many at once. */
export function DeadLetters() {
  const { t } = useTranslation(['status', 'common']);
  const [filter, change] = useUrlFilter(parseDeadLetterFilter);
  const clause = useClausesSaying(filter.q);
  const asked = clause.length > 0 ? { ...filter, clause } : filter;
  const query = useInfiniteQuery(deadLettersQuery(asked));
  const { data: kinds } = useQuery(deadLetterKindsQuery);
  const filtered = Object.keys(filter).length > 0;
  const [replaying, setReplaying] = useState(false);
  const section = useRef<HTMLElement>(null);
  const { hash } = useLocation();
  // The dashboard links here; what is above has its height once the letters are read.
  const ready = !query.isPending;
  useEffect(() => {
    if (ready && hash === '#dead-letters') section.current?.scrollIntoView();
  }, [ready, hash]);
  const letters = query.data?.pages.flatMap(({ items }) => items) ?? [];
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [asking, setAsking] = useState<{ act: Act; letters: readonly DeadLetter[] } | null>(null);
  const selected = letters.filter(({ id }) => chosen.has(id));
  const choose = (id: number, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  const replayable = selected.filter(({ subject }) => subject !== '');
  // Where none that is shown can be tried again, those that are not loaded yet may.
  const shownReplayable = letters.some(({ subject }) => subject !== '');
  const { data: rehearsed } = useQuery({ ...rehearsalQuery(asked), enabled: query.hasNextPage && !shownReplayable });
  const anyReplayable = shownReplayable || (rehearsed?.replayable ?? 0) > 0;

  return (
    <section ref={section} id="dead-letters" className="scroll-mt-4">
      <Card
        title={t('dead.title')}
        actions={
          selected.length > 0 ? (
            <>
              {replayable.length > 0 ? (
                <ChangeButton size="sm" onClick={() => setAsking({ act: 'replay', letters: replayable })}>
                  <RotateCcw aria-hidden />
                  {t('dead.replayMany', { count: replayable.length })}
                </ChangeButton>
              ) : null}
              <ChangeButton size="sm" onClick={() => setAsking({ act: 'delete', letters: selected })}>
                <Trash2 aria-hidden />
                {t('dead.deleteMany', { count: selected.length })}
              </ChangeButton>
            </>
          ) : anyReplayable ? (
            <ChangeButton size="sm" onClick={() => setReplaying(true)}>
              <RotateCcw aria-hidden />
              {t('replayAll.ask')}
            </ChangeButton>
          ) : null
        }
      >
        {filtered || (sumOfKinds(kinds) ?? 0) > 0 ? <DeadLetterFilters filter={filter} change={change} /> : null}
        {query.error && letters.length === 0 ? (
          <ErrorState error={query.error} retry={() => void query.refetch()} />
        ) : query.isPending ? (
          <LoadingRows rows={3} />
        ) : letters.length === 0 && filtered ? (
          <State icon={SearchX} title={t('dead.noMatch')} actions={<Button onClick={() => change({ stream: undefined, kind: undefined, q: undefined })}>{t('common:filters.clearAll')}</Button>} />
        ) : letters.length === 0 ? (
          <State icon={MailCheck} title={t('dead.emptyTitle')} text={t('dead.empty')} />
        ) : (
          <>
            <Table>
              <caption className="sr-only">{t('dead.title')}</caption>
              <TableHeader>
                <TableRow>
                  <TableHead className="w-8 pl-4">
                    <Checkbox
                      aria-label={t('dead.selectAll')}
                      checked={selected.length === letters.length ? true : selected.length > 0 ? 'indeterminate' : false}
                      onCheckedChange={(on) => setChosen(on === true ? new Set(letters.map(({ id }) => id)) : new Set())}
                    />
                  </TableHead>
                  <TableHead>{t('dead.what')}</TableHead>
                  <TableHead className="max-md:hidden">{t('dead.attempts')}</TableHead>
                  <TableHead className="max-sm:hidden">{t('dead.when')}</TableHead>
                  <TableHead className="pr-4">
                    <span className="sr-only">{t('dead.actions')}</span>
                  </TableHead>
                </TableRow>
              </TableHeader>
              <TableBody>
                {letters.map((letter) => (
                  <DeadLetterRow key={letter.id} letter={letter} chosen={chosen.has(letter.id)} onChoose={(on) => choose(letter.id, on)} onAct={(act) => setAsking({ act, letters: [letter] })} />
                ))}
              </TableBody>
            </Table>
            <LoadMore query={query} />
          </>
        )}
      </Card>
      <ReplayAll filter={asked} open={replaying} onClose={() => setReplaying(false)} />
      <ConfirmAct
        asking={asking}
        onClose={() => setAsking(null)}
        onDone={(done) => {
          const gone = new Set(done);
          setChosen(new Set([...chosen].filter((id) => !gone.has(id))));
        }}
      />
    </section>
  );
}
