import { useQuery } from '@tanstack/react-query';
import { Inbox, Plug, SearchX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { State } from '@/components/states';
import { Button } from '@/components/ui/button';
import { messageFiltersQuery } from '@/data/messages/queries';
import { settingsQuery } from '@/data/settings';

/** Tells apart: nothing matches, no bot yet, a bot and nothing heard. */
export function Empty({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  const { t } = useTranslation(['messages', 'common']);
  const { data: settings } = useQuery(settingsQuery);
  const { data: totals } = useQuery(messageFiltersQuery);
  if (filtered && totals?.total_messages !== 0) {
    return <State icon={SearchX} title={t('noMatch.title')} text={t('noMatch.text')} actions={<Button onClick={onClear}>{t('common:filters.clearAll')}</Button>} className="flex-1" />;
  }
  if (settings && settings.telegram.bot_token === '') {
    return (
      <State
        icon={Plug}
        title={t('notConnected.title')}
        text={t('notConnected.text')}
        actions={
          <Button asChild variant="primary">
            <Link to="/settings">{t('notConnected.action')}</Link>
          </Button>
        }
        className="flex-1"
      />
    );
  }
  return <State icon={Inbox} title={t('nothing.title')} text={t('nothing.text')} className="flex-1" />;
}
