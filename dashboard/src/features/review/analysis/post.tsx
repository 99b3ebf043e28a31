import { Send } from 'lucide-react';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { CauseAndFix } from '@/components/cause-and-fix';
import { ChangeButton } from '@/components/guarded';
import { RelativeTime } from '@/components/time';
import { Badge, type Tone } from '@/components/ui/badge';
import type { AnalysisPost, AnalysisPostTarget, AnalysisRun } from '@/data/analysis';
import { part } from '@/lib/part';

const PostDialog = part(async () => (await import('./post-dialog')).PostDialog);

/** Opens the dialog that shows what the bot will say of a run, and where. */
export function Post({ run, groupName }: { run: AnalysisRun; groupName: (id: string) => string }) {
  const { t } = useTranslation('review');
  const [open, setOpen] = useState(false);
  return (
    <>
      <ChangeButton onClick={() => setOpen(true)}>
        <Send aria-hidden />
        {t('post.open')}
      </ChangeButton>
      {open ? (
        <Suspense fallback={null}>
          <PostDialog run={run} groupName={groupName} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  );
}

/** A group, and which topic of it. */
export function PostTarget({ of: { group_id, group_name, topic_id } }: { of: AnalysisPostTarget }) {
  const { t } = useTranslation('review');
  return (
    <>
      <bdi className="min-w-0 font-medium break-words">{group_name ?? group_id}</bdi>
      {topic_id === null ? null : <span className="text-xs text-muted"> {t('post.nameless', { id: topic_id })}</span>}
    </>
  );
}

const tones: Record<AnalysisPost['status'], Tone> = { sent: 'success', unconfirmed: 'warning', refused: 'danger', waiting: 'warning' };

/** Where the summary of a run was posted, the newest first. */
export function Posts({ posts }: { posts: readonly AnalysisPost[] }) {
  const { t } = useTranslation('review');
  if (posts.length === 0) return null;
  return (
    <ul aria-label={t('post.list')} className="space-y-2 text-sm">
      {posts.map((post) => (
        <li key={post.id} className="space-y-0.5">
          <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <Badge tone={tones[post.status]}>{t(`post.status.${post.status}`)}</Badge>
            <PostTarget of={post} />
            <span className="text-xs text-muted">
              {post.posted_by === 'schedule' ? `${t('post.byItself')} · ` : null}
              <RelativeTime at={post.posted_at} focusable />
            </span>
          </p>
          {post.status === 'sent' ? null : (
            <div className="text-xs text-muted">
              {post.status === 'waiting' ? <p>{t('post.tried')}</p> : null}
              {post.error ? <CauseAndFix of={{ ...post, cause: post.error }} /> : t('post.unfinished')}
            </div>
          )}
          <details className="text-xs">
            <summary className="w-fit cursor-pointer text-muted coarse:py-3.5">{t(post.status === 'refused' || post.status === 'waiting' ? 'post.withheld' : 'post.shown')}</summary>
            <p dir="auto" className="mt-1 border-l-2 border-border-strong pl-3 whitespace-pre-line [overflow-wrap:anywhere]">
              {post.text}
            </p>
          </details>
        </li>
      ))}
    </ul>
  );
}
