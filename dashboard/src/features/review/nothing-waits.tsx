import { useQuery } from '@tanstack/react-query';
import { Inbox } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { State } from '@/components/states';
import { Button } from '@/components/ui/button';
import { aiSettingsQuery } from '@/data/ai';

/** No proposal waits: all is decided, or the machine may propose nothing. */
export function NothingWaits() {
  const { t } = useTranslation('review');
  const shadow = useQuery(aiSettingsQuery).data?.autonomy === 'shadow';
  if (!shadow) return <State icon={Inbox} title={t('proposals.emptyTitle')} text={t('proposals.empty')} />;
  return (
    <State
      icon={Inbox}
      title={t('proposals.emptyTitle')}
      text={t('proposals.shadow')}
      actions={
        <>
          <Button asChild>
            <Link to="/messages?classification=issue">{t('proposals.shadowMessages')}</Link>
          </Button>
          <Button asChild variant="ghost">
            <Link to="/settings/ai">{t('proposals.shadowSettings')}</Link>
          </Button>
        </>
      }
    />
  );
}
