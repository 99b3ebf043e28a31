import type { TFunction } from 'i18next';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { memo, useState } from 'react';

import { Avatar } from '@/components/avatar';
import { ShortTime } from '@/components/time';
import { Checkbox } from '@/components/ui/checkbox';
import { cn } from '@/lib/cn';
import { shownContent } from '@/lib/content';

import type { Line } from './fold';
import { Outcome } from './outcome';

/** How long after it was said a message may still be shown as arriving: not when one scrolls back to it. */
const ARRIVING_MS = 5000;

interface LineProps {
  line: Line;
  /** The list's: useTranslation is dear where rows come and go with every frame. */
  t: TFunction<['messages', 'common']>;
  selected: boolean;
  /** Of the choice for a change of many. */
  chosen: boolean;
  /** The one line of the list that Tab reaches. */
  current: boolean;
  tall: boolean;
  /** Each with the key of the line: where it stands changes with every arrival, and it must not be drawn anew for that. */
  onSelect: (key: string) => void;
  onChoose: (key: string, range: boolean) => void;
  onFold: (key: string) => void;
}

/** `bdi` keeps right-to-left text and override characters from turning the rest of the row around. */
export const MessageLine = memo(function MessageLine({ line, t, selected, chosen, current, tall, onSelect, onChoose, onFold }: LineProps) {
  const { message, gone, marked } = line.row;
  const [arriving] = useState(() => marked && Date.now() - Date.parse(message.sent_at) < ARRIVING_MS);
  const author = message.author || t('common:unknownAuthor');
  const place = message.chat_name ?? message.source_name;
  const folded = line.count > 1;
  const text = shownContent(message.content, t).replace(/\s+/g, ' ');
  return (
    <div
      data-key={line.key}
      data-persisted={message.persisted}
      className={cn(
        'group relative flex h-full items-stretch border-b border-border/60 transition-colors hover:bg-hover',
        chosen && 'bg-primary-soft hover:bg-primary-soft',
        selected && 'bg-selected hover:bg-selected',
        arriving && !selected && 'animate-row-in',
        line.inner && 'pl-6',
      )}
    >
      <span className={cn('flex shrink-0 items-center pr-2 pl-4 coarse:px-3.5', line.inner && 'pl-0')}>
        <Checkbox aria-label={t('choose', { text: text.slice(0, 80) })} checked={chosen} disabled={message.id === 0} tabIndex={current ? 0 : -1} onCheckedChange={(_on, range) => onChoose(line.key, range)} />
      </span>
      <button
        type="button"
        data-line
        tabIndex={current ? 0 : -1}
        aria-current={selected || undefined}
        onClick={() => onSelect(line.key)}
        className={cn(
          'flex min-w-0 flex-1 items-center gap-2.5 pr-4 text-left focus-visible:-outline-offset-2',
          !message.persisted && 'text-muted',
          gone && 'opacity-60',
        )}
      >
        <Avatar name={author} url={message.avatar_url} size={tall ? 'lg' : 'md'} className={cn(!message.persisted && 'opacity-60')} />
        <span className={cn('flex min-w-0 flex-1 flex-col', !tall && 'leading-4.5')}>
          <span className={cn('flex items-center gap-2', !tall && 'text-xs leading-4')}>
            <bdi className="max-w-3/5 shrink-0 truncate font-medium">{author}</bdi>
            <bdi className={cn('min-w-0 flex-1 truncate text-muted', tall ? 'text-xs' : 'text-2xs')}>{place}</bdi>
            <ShortTime at={message.sent_at} className={cn('text-muted', tall ? 'text-xs' : 'text-2xs')} />
          </span>
          <span className="flex items-center gap-2">
            <bdi className="min-w-0 flex-1 truncate">{text}</bdi>
            <Outcome message={message} t={t} />
          </span>
        </span>
      </button>
      {folded ? (
        <button
          type="button"
          aria-expanded={line.unfolded}
          onClick={() => onFold(line.key)}
          className="mr-2 flex items-center gap-0.5 self-center rounded-md bg-sunken px-1.5 py-0.5 text-2xs text-muted ring-1 ring-border ring-inset touch-target hover:text-foreground"
        >
          {line.unfolded ? <ChevronDown className="size-3" aria-hidden /> : <ChevronRight className="size-3" aria-hidden />}
          {line.kind === 'album' ? t('inAlbum', { count: line.count }) : t('inTopic', { count: line.count })}
        </button>
      ) : null}
    </div>
  );
});
