import { useQueries } from '@tanstack/react-query';
import { Pencil } from 'lucide-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';

import { Avatar } from '@/components/avatar';
import { ChangeButton } from '@/components/guarded';
import { RelativeTime } from '@/components/time';
import { Skeleton } from '@/components/ui/skeleton';
import { Textarea } from '@/components/ui/textarea';
import { messageQuery } from '@/data/messages/queries';
import type { Task } from '@/lib/api';
import { useFocusAfter } from '@/lib/choice';
import { useDraft } from '@/lib/drafts';

import { EditActions, Meanwhile, type EditProps } from './edit';
import { FIRST } from './evidence';
import { blocksOf, saidBy, type Block } from './quotes';

export function Description({ task, onChange }: EditProps) {
  const { t } = useTranslation(['tasks', 'common']);
  const [draft, setDraft, again, meanwhile] = useDraft(`task.${task.id}.description`, task.description);
  const penId = useId();
  useFocusAfter(draft !== null, () => document.getElementById(penId)?.focus());
  return (
    <section aria-label={t('fields.description')}>
      <div className="mb-1 flex items-center gap-2">
        <h3 className="text-xs font-semibold text-muted">{t('fields.description')}</h3>
        {draft === null ? (
          <ChangeButton id={penId} variant="ghost" size="icon-sm" aria-label={t('editDescription')} onClick={() => setDraft(task.description)}>
            <Pencil aria-hidden />
          </ChangeButton>
        ) : null}
      </div>
      {draft === null ? (
        <Shown task={task} />
      ) : (
        <form
          className="space-y-2"
          onSubmit={(event) => {
            event.preventDefault();
            void onChange({ description: draft }).then((done) => done && setDraft(null));
          }}
        >
          <Textarea
            aria-label={t('fields.description')}
            value={draft}
            maxLength={65536}
            autoFocus={!again}
            onChange={(event) => setDraft(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit();
              if (event.key !== 'Escape') return;
              event.preventDefault();
              if (draft === task.description) setDraft(null);
            }}
          />
          <Meanwhile text={meanwhile} onTake={() => setDraft(null)} />
          <EditActions disabled={false} again={again} onCancel={() => setDraft(null)} />
        </form>
      )}
    </section>
  );
}

/** What the evidence below shows as it was said is not said a second time. */
function Shown({ task }: { task: Task }) {
  const { t } = useTranslation('tasks');
  const blocks = blocksOf(task.description);
  const quotes = blocks.some(({ kind }) => kind === 'quote');
  const queries = useQueries({ queries: (quotes ? task.source_message_ids.slice(0, FIRST) : []).map((id) => messageQuery(id)) });
  const messages = queries.flatMap(({ data }) => data ?? []);
  const left = quotes ? blocks.filter((block) => !saidBy(block, messages)) : blocks;
  if (blocks.length === 0) return <p className="text-sm text-muted">{t('noDescription')}</p>;
  if (left.some(({ kind }) => kind === 'quote') && queries.some(({ isPending }) => isPending)) return <Skeleton className="h-5 max-w-64" />;
  return (
    <div className="max-w-prose space-y-3 text-base break-words">
      {left.map((block, i) => (block.kind === 'text' ? <p key={i} dir="auto" className="whitespace-pre-wrap">{block.text}</p> : <Quote key={i} block={block} />))}
      {left.length === 0 ? <p className="text-sm text-muted">{t('saidBelow')}</p> : null}
    </div>
  );
}

function Quote({ block: { text, author, at } }: { block: Extract<Block, { kind: 'quote' }> }) {
  return (
    <blockquote className="border-l-2 border-border-strong pl-3">
      {author !== null && at !== null ? (
        <div className="mb-0.5 flex items-center gap-2 text-xs">
          <Avatar name={author} size="sm" />
          <bdi className="truncate font-medium">{author}</bdi>
          <RelativeTime at={at} focusable className="text-muted" />
        </div>
      ) : null}
      <p dir="auto" className="whitespace-pre-wrap">
        {text}
      </p>
    </blockquote>
  );
}
