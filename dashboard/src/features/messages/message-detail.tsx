import { useQuery } from '@tanstack/react-query';
import { ArrowLeft, CornerUpLeft, ExternalLink, Filter, Link2, ListPlus, Paperclip, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { toast } from '@/lib/toast';

import { Avatar } from '@/components/avatar';
import { CategoryChip, PriorityChip } from '@/components/chips';
import { ChangeButton } from '@/components/guarded';
import { ErrorState, LoadingBlock } from '@/components/states';
import { RelativeTime, useLanguage } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Tooltip } from '@/components/ui/tooltip';
import { messageQuery } from '@/data/messages/queries';
import type { Message, MessageDetail as Detail } from '@/lib/api';
import { shownContent } from '@/lib/content';
import { formatPercent } from '@/lib/format';
import { issueOf } from '@/lib/issue';
import { telegramLink } from '@/lib/telegram';
import { pathWith } from '@/lib/url-state';

import { Conversation } from './conversation';
import { Correction } from './correction';
import { Edits } from './edits';
import { Entities } from './entities';
import { Linked } from './linked';

interface DetailProps {
  /** As the list knows it: what is shown until the rest is there. */
  known: Message | null;
  id: number | null;
  onClose: () => void;
  onMakeTask: (message: Message) => void;
  onAttach: (message: Message) => void;
  onOpen: (id: number) => void;
}

export function MessageDetail({ known, id, onClose, onMakeTask, onAttach, onOpen }: DetailProps) {
  const { t } = useTranslation(['messages', 'common']);
  const query = useQuery({ ...messageQuery(id ?? 0), enabled: id !== null && id > 0 });
  const message = query.data ?? known;
  if (!message) {
    return (
      <div className="flex h-full flex-col">
        <div className="flex h-12 shrink-0 items-center border-b border-border px-4">
          <Button variant="ghost" onClick={onClose}>
            <ArrowLeft aria-hidden />
            {t('common:actions.back')}
          </Button>
        </div>
        {query.isError ? <ErrorState error={query.error} retry={() => void query.refetch()} /> : <LoadingBlock />}
      </div>
    );
  }
  return (
    <article aria-label={t('detail')} className="flex h-full min-h-0 flex-col bg-surface">
      <Head message={message} onClose={onClose} onMakeTask={onMakeTask} onAttach={onAttach} />
      <div className="min-h-0 flex-1 space-y-6 overflow-y-auto p-4 sm:p-6" tabIndex={0} role="group" aria-label={t('detail')}>
        <Body message={message} />
        {message.classification ? <Classification message={message} /> : null}
        {query.isError ? (
          <ErrorState error={query.error} retry={() => void query.refetch()} title={t('restFailed')} />
        ) : query.data ? (
          <Rest detail={query.data} onOpen={onOpen} />
        ) : message.persisted ? (
          <LoadingBlock />
        ) : (
          <p className="text-xs text-muted">{t('notStoredYet')}</p>
        )}
      </div>
    </article>
  );
}

function Head({ message, onClose, onMakeTask, onAttach }: { message: Message & { raw?: Detail['raw'] } } & Pick<DetailProps, 'onClose' | 'onMakeTask' | 'onAttach'>) {
  const { t } = useTranslation(['messages', 'common']);
  const telegram = telegramLink(message);
  return (
    <header className="flex min-h-12 shrink-0 flex-wrap items-center gap-2 border-b border-border px-4 py-2">
      <Button variant="ghost" size="icon" className="lg:hidden" onClick={onClose} aria-label={t('common:actions.back')}>
        <ArrowLeft aria-hidden />
      </Button>
      {message.task_id === null ? (
        <>
          <ChangeButton variant="primary" onClick={() => onMakeTask(message)}>
            <ListPlus aria-hidden />
            {t('makeTask')}
          </ChangeButton>
          {message.id ? (
            <ChangeButton onClick={() => onAttach(message)}>
              <Paperclip aria-hidden />
              {t('attach.open')}
            </ChangeButton>
          ) : null}
        </>
      ) : (
        <Button asChild variant="primary">
          <Link to={`/tasks/${message.task_id}`}>{t('openTask', { id: message.task_id })}</Link>
        </Button>
      )}
      {telegram ? (
        <Button asChild>
          <a href={telegram} target="_blank" rel="noreferrer">
            <ExternalLink aria-hidden />
            {t('inTelegram')}
          </a>
        </Button>
      ) : null}
      <div className="ml-auto flex items-center gap-1">
        {message.chat_id ? (
          <Tooltip label={t('onlyThisChat')}>
            <Button asChild variant="ghost" size="icon">
              <Link to={pathWith('/messages', { chat_id: message.chat_id, id: message.id ? String(message.id) : undefined })} aria-label={t('onlyThisChat')}>
                <Filter aria-hidden />
              </Link>
            </Button>
          </Tooltip>
        ) : null}
        {message.id ? <CopyLink id={message.id} /> : null}
        <Tooltip label={t('common:actions.close')} keys="Escape">
          <Button variant="ghost" size="icon" className="max-lg:hidden" onClick={onClose} aria-label={t('common:actions.close')}>
            <X aria-hidden />
          </Button>
        </Tooltip>
      </div>
    </header>
  );
}

function CopyLink({ id }: { id: number }) {
  const { t } = useTranslation(['messages', 'common']);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(new URL(`/messages?id=${id}`, location.href).href);
      toast.success(t('common:actions.copied'));
    } catch {
      // Browsers give the clipboard to pages of https and of this machine only.
      toast.error(t('copyFailed'));
    }
  };
  return (
    <Tooltip label={t('copyLink')}>
      <Button variant="ghost" size="icon" aria-label={t('copyLink')} onClick={() => void copy()}>
        <Link2 aria-hidden />
      </Button>
    </Tooltip>
  );
}

function Body({ message }: { message: Message }) {
  const { t } = useTranslation(['messages', 'common']);
  const author = message.author || t('common:unknownAuthor');
  return (
    <div>
      <div className="flex items-center gap-3">
        <Avatar name={author} url={message.avatar_url} size="lg" />
        <div className="min-w-0 flex-1">
          <h2 className="truncate text-base font-semibold">
            <bdi>{author}</bdi>
          </h2>
          <p className="text-xs text-muted">
            <bdi>{message.chat_name ?? message.source_name}</bdi>
            {message.thread_id ? ` · ${t('topic', { id: message.thread_id })}` : null} · <RelativeTime at={message.sent_at} focusable />
            {message.edited_at ? (
              <>
                {' '}
                · {t('edited')} <RelativeTime at={message.edited_at} focusable />
              </>
            ) : null}
          </p>
        </div>
        {message.persisted ? null : <Badge>{t('saving')}</Badge>}
      </div>
      <p className="mt-4 max-w-prose text-base break-words whitespace-pre-wrap">
        <bdi>
          <Linked text={shownContent(message.content, t)} />
        </bdi>
      </p>
    </div>
  );
}

/** A number alone says little: below these it is called unsure. */
function sureness(confidence: number): 'sure' | 'likely' | 'unsure' {
  return confidence >= 0.85 ? 'sure' : confidence >= 0.6 ? 'likely' : 'unsure';
}

function Classification({ message }: { message: Message }) {
  const { classification } = message;
  const { t } = useTranslation(['messages', 'common']);
  const language = useLanguage();
  if (!classification) return null;
  const issue = issueOf(classification);
  const { provider } = classification;
  return (
    <section aria-label={t('decision')} className="rounded-lg border border-border bg-background p-3">
      <h3 className="mb-2 text-xs font-semibold text-muted">{t('decision')}</h3>
      <div className="flex flex-wrap items-center gap-2 text-sm">
        {issue ? (
          <>
            <CategoryChip category={issue.category} />
            <PriorityChip priority={issue.priority} />
          </>
        ) : (
          <Badge>{t('nothingToDo')}</Badge>
        )}
        <span>{t(`sureness.${sureness(classification.confidence)}`, { share: formatPercent(classification.confidence, language) })}</span>
        <span className="text-xs text-muted">
          {t('decidedBy', { provider: provider === 'local' || provider === 'user' ? t(`judge.${provider}`) : provider })} · <RelativeTime at={classification.classified_at} focusable />
        </span>
      </div>
      <Correction message={message} />
    </section>
  );
}

function Rest({ detail, onOpen }: { detail: Detail; onOpen: (id: number) => void }) {
  const { t } = useTranslation('messages');
  return (
    <>
      {detail.entities.length > 0 ? <Entities entities={detail.entities} /> : null}
      {detail.edits.length > 0 ? <Edits detail={detail} /> : null}
      {detail.reply_to ? (
        <section aria-label={t('repliesTo')}>
          <h3 className="mb-2 text-xs font-semibold text-muted">{t('repliesTo')}</h3>
          <Quote message={detail.reply_to} onOpen={onOpen} />
        </section>
      ) : null}
      {detail.replies.length > 0 ? (
        <section aria-label={t('replies', { count: detail.replies.length })}>
          <h3 className="mb-2 text-xs font-semibold text-muted">{t('replies', { count: detail.replies.length })}</h3>
          <div className="space-y-2">
            {detail.replies.map((reply) => (
              <Quote key={reply.id} message={reply} onOpen={onOpen} />
            ))}
          </div>
        </section>
      ) : null}
      <Conversation message={detail} onOpen={onOpen} />
      {detail.raw ? (
        <details className="text-xs">
          <summary className="cursor-pointer font-semibold text-muted coarse:py-3.5">{t('raw')}</summary>
          <pre tabIndex={0} className="mt-2 max-h-96 overflow-auto rounded-md bg-sunken p-3 font-mono text-xs">
            {JSON.stringify(detail.raw, null, 2)}
          </pre>
        </details>
      ) : null}
    </>
  );
}

function Quote({ message, onOpen }: { message: Message; onOpen: (id: number) => void }) {
  const { t } = useTranslation(['messages', 'common']);
  return (
    <button
      type="button"
      onClick={() => onOpen(message.id)}
      className="flex w-full items-start gap-2.5 rounded-lg border border-border bg-background p-3 text-left transition-colors hover:bg-hover"
    >
      <CornerUpLeft className="mt-0.5 size-3.5 shrink-0 text-muted" aria-hidden />
      <span className="min-w-0 flex-1">
        <span className="flex items-center gap-2 text-xs">
          <bdi className="truncate font-medium">{message.author || t('common:unknownAuthor')}</bdi>
          <RelativeTime at={message.sent_at} className="text-muted" />
        </span>
        <bdi className="line-clamp-3 break-words">{shownContent(message.content, t)}</bdi>
      </span>
    </button>
  );
}
