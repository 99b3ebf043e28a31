import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from '@/components/ui/select';
import { chatActivityQuery } from '@/data/activity';
import type { Span } from '@/data/quality';

const ALL = '*';

/** One of the groups in which something was said in this time, or all; in the address so that the view can be sent. */
export function GroupPicker({ from, to, chat_id }: Span) {
  const { t } = useTranslation('analytics');
  const [, setParameters] = useSearchParams();
  const { data } = useQuery(chatActivityQuery(from, to));
  const groups = new Map<string, string>();
  for (const { chat_id: id, chat_name } of data ?? []) if (id && !groups.has(id)) groups.set(id, chat_name ?? id);
  if (chat_id && !groups.has(chat_id)) groups.set(chat_id, chat_id);
  const choose = (chosen: string) =>
    setParameters((before) => {
      const after = new URLSearchParams(before);
      if (chosen === ALL) after.delete('chat_id');
      else after.set('chat_id', chosen);
      return after;
    });
  return (
    <Select value={chat_id ?? ALL} onValueChange={choose}>
      <SelectTrigger aria-label={t('groups.label')} className="w-56 max-w-full">
        <SelectValue />
      </SelectTrigger>
      <SelectContent>
        <SelectItem value={ALL}>{t('groups.all')}</SelectItem>
        {[...groups].map(([id, name]) => (
          <SelectItem key={id} value={id}>
            <bdi>{name}</bdi>
          </SelectItem>
        ))}
      </SelectContent>
    </Select>
  );
}
