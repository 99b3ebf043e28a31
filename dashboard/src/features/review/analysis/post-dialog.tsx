import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { Notice } from '@/components/notice';
import { ChangeButton } from '@/components/guarded';
import { ErrorState, LoadingBlock } from '@/components/states';
import { RelativeTime, useLanguage } from '@/components/time';
import { Button } from '@/components/ui/button';
import { Dialog, DialogBody, DialogContent, DialogFooter, DialogHeader } from '@/components/ui/dialog';
import { Label } from '@/components/ui/label';
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from '@/components/ui/select';
import { Textarea } from '@/components/ui/textarea';
import { postDraftQuery, type AnalysisPostDraft, type AnalysisRun } from '@/data/analysis';
import { LONGEST, Unsaid, useSay } from '@/data/say';
import { webhookSettingsQuery } from '@/data/settings';
import { topicsQuery, type TelegramWebhookConfig } from '@/data/telegram';
import { api, unwrap } from '@/lib/api';
import { formatNumber } from '@/lib/format';
import { keys } from '@/lib/query-keys';
import { toast } from '@/lib/toast';

type Group = TelegramWebhookConfig['groups'][number];

interface Props {
  run: AnalysisRun;
  groupName: (id: string) => string;
  onClose: () => void;
}

/** What the bot will say of a run, and in which group. Nothing is sent before somebody has seen it. */
export function PostDialog({ run, groupName, onClose }: Props) {
  const { t } = useTranslation('review');
  const draft = useQuery(postDraftQuery(run.id));
  const settings = useQuery(webhookSettingsQuery);
  const groups = settings.data?.telegram?.groups ?? [];
  const error = draft.error ?? settings.error;
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent className="max-w-2xl">
        <DialogHeader title={t('post.title', { id: run.id })} description={t('post.text')} />
        {draft.data && settings.data ? (
          groups.length > 0 ? (
            <PostForm run={run} draft={draft.data} groups={groups} groupName={groupName} onClose={onClose} />
          ) : (
            <DialogBody className="pb-4">
              <Notice
                tone="info"
                title={t('post.noGroup')}
                actions={
                  <Button asChild size="sm">
                    <Link to="/settings/groups">{t('post.addGroup')}</Link>
                  </Button>
                }
              />
            </DialogBody>
          )
        ) : error ? (
          <ErrorState error={error} retry={() => void (draft.error ? draft : settings).refetch()} />
        ) : (
          <LoadingBlock className="h-64" />
        )}
      </DialogContent>
    </Dialog>
  );
}

const nameOf = (group: Group) => group.name ?? String(group.id);

function PostForm({ run, draft, groups, groupName, onClose }: Props & { draft: AnalysisPostDraft; groups: readonly Group[] }) {
  const { t } = useTranslation(['review', 'common']);
  const language = useLanguage();
  const cache = useQueryClient();
  const id = useId();
  const [text, setText] = useState(draft.text);
  // Where there is a choice it is made by a person: a summary in the wrong group cannot be taken back.
  const [groupId, setGroupId] = useState(() => (groups.length === 1 ? groups[0]?.id : groups.find((each) => run.chats?.length === 1 && run.chats[0] === String(each.id))?.id));
  const [topic, setTopic] = useState<string | null>(null);
  const group = groups.find((each) => each.id === groupId);
  const saying = useSay(
    async () => {
      if (!group) throw new Error(t('post.choose'));
      const answer = await unwrap(api.POST('/api/analysis-runs/{id}/posts', { params: { path: { id: run.id } }, body: { group_id: group.id, topic_id: topic, text } }));
      void cache.invalidateQueries({ queryKey: keys.analysis.all });
      return answer;
    },
    () => {
      toast.success(t('post.sent', { group: group ? nameOf(group) : '' }));
      onClose();
    },
  );
  const last = run.posts.find((post) => post.group_id === groupId && post.status !== 'refused');
  const others = run.chats ? run.chats.filter((chat) => chat !== String(groupId)).map(groupName) : null;
  const tells = group !== undefined && (others ? others.length > 0 : (run.summary?.counts.chats ?? 0) > 1);
  return (
    <form
      className="flex min-h-0 flex-1 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        if (group && text.trim() !== '') void saying.send();
      }}
    >
      <DialogBody className="space-y-3 text-sm">
        <div className="flex flex-wrap gap-3">
          <div className="flex min-w-48 flex-1 flex-col gap-1">
            <Label htmlFor={`${id}group`}>{t('post.group')}</Label>
            <Select
              value={group ? String(group.id) : ''}
              onValueChange={(value) => {
                setGroupId(Number(value));
                setTopic(null);
              }}
            >
              <SelectTrigger id={`${id}group`} aria-label={t('post.group')}>
                <SelectValue placeholder={t('post.choose')} />
              </SelectTrigger>
              <SelectContent>
                {groups.map((each) => (
                  <SelectItem key={each.id} value={String(each.id)}>
                    <bdi>{nameOf(each)}</bdi>
                  </SelectItem>
                ))}
              </SelectContent>
            </Select>
          </div>
          {group ? <Topic key={group.id} group={group} topic={topic} onTopic={setTopic} /> : null}
        </div>
        {last ? (
          <Notice tone="warning" announce title={t(last.status === 'sent' ? 'post.again' : last.status === 'waiting' ? 'post.soon' : 'post.perhaps')}>
            <RelativeTime at={last.posted_at} />
          </Notice>
        ) : null}
        {tells ? (
          <Notice tone="warning" announce title={t('post.others')}>
            {others ? others.join(', ') : t('analysis.chats', { count: run.summary?.counts.chats ?? 0, n: formatNumber(run.summary?.counts.chats ?? 0, language) })}
          </Notice>
        ) : null}
        <div className="space-y-1">
          <Label htmlFor={`${id}text`}>{t('post.exactly')}</Label>
          <Textarea id={`${id}text`} dir="auto" aria-describedby={`${id}cut ${id}fault`} aria-invalid={saying.fault !== null} rows={14} maxLength={LONGEST} value={text} onChange={(event) => setText(event.target.value)} />
          <p id={`${id}cut`} className="flex flex-wrap justify-between gap-x-3 text-xs text-muted">
            <span>
              {draft.left_out > 0 ? t('post.leftOut', { count: draft.left_out }) : null} {draft.shortened > 0 ? t('post.shortened', { count: draft.shortened }) : null}{' '}
              {draft.left_out + draft.shortened === 0 ? t('post.whole') : null}
            </span>
            <span className="tabular-nums">
              {formatNumber(text.length, language)} / {formatNumber(LONGEST, language)}
            </span>
          </p>
        </div>
      </DialogBody>
      <div className="px-5 pb-2 text-sm empty:hidden">
        <Unsaid id={`${id}fault`} of={saying} />
      </div>
      <DialogFooter>
        <Button variant="ghost" onClick={onClose}>
          {t('common:actions.cancel')}
        </Button>
        <ChangeButton type="submit" variant="primary" disabled={!group || saying.sending || saying.noBot || text.trim() === ''}>
          {saying.sending ? t('post.sending') : group ? t('post.send', { group: nameOf(group) }) : t('post.choose')}
        </ChangeButton>
      </DialogFooter>
    </form>
  );
}

/** Telegram's number of the topic General. */
const GENERAL = '1';

/** Where in a forum; nothing for a group without topics. Only supergroups, whose ids begin so, can be forums. */
function Topic({ group, topic, onTopic }: { group: Group; topic: string | null; onTopic: (id: string | null) => void }) {
  const { t } = useTranslation('review');
  const id = useId();
  const { data: topics = [] } = useQuery({ ...topicsQuery(group.id), enabled: String(group.id).startsWith('-100') });
  if (topics.length === 0) return null;
  return (
    <div className="flex min-w-48 flex-1 flex-col gap-1">
      <Label htmlFor={id}>{t('post.topic')}</Label>
      <Select value={topic ?? GENERAL} onValueChange={(value) => onTopic(value === GENERAL ? null : value)}>
        <SelectTrigger id={id} aria-label={t('post.topic')}>
          <SelectValue />
        </SelectTrigger>
        <SelectContent>
          {topics.map((each) => (
            <SelectItem key={each.id} value={each.id}>
              <bdi>{each.name ?? (each.id === GENERAL ? t('post.general') : t('post.nameless', { id: each.id }))}</bdi>
            </SelectItem>
          ))}
        </SelectContent>
      </Select>
    </div>
  );
}
