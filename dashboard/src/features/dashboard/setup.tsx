import { useQuery } from '@tanstack/react-query';
import { Circle, CircleCheck, Loader } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { Card } from '@/components/page';
import { ErrorState } from '@/components/states';
import { Button } from '@/components/ui/button';
import { statsQuery } from '@/data/insight';
import { hearingQuery, settingsQuery } from '@/data/telegram';
import { cn } from '@/lib/cn';

type Done = boolean | 'asking';

/** The way from an empty installation to the first task; ticks come by themselves. */
export function Setup() {
  const { t } = useTranslation(['dashboard', 'common']);
  const settings = useQuery(settingsQuery);
  const hearing = useQuery(hearingQuery);
  const stats = useQuery(statsQuery);
  if (settings.error && !settings.data) {
    return (
      <Card title={t('setup.title')}>
        <ErrorState error={settings.error} retry={() => void settings.refetch()} />
      </Card>
    );
  }
  const token: Done = settings.data ? settings.data.telegram.bot_token !== '' && !['refused', 'unreadable'].includes(hearing.data?.bot.state ?? '') : 'asking';
  const wayIn: Done = hearing.data ? hearing.data.webhook.state === 'ok' : hearing.error ? false : 'asking';
  const steps: { key: 'token' | 'wayIn' | 'heard' | 'task'; done: Done; to: string }[] = [
    { key: 'token', done: token, to: '/settings/telegram' },
    { key: 'wayIn', done: wayIn, to: '/settings/telegram' },
    // This list is gone with the first message.
    { key: 'heard', done: false, to: '/settings/groups' },
    { key: 'task', done: stats.data ? stats.data.total > 0 : stats.error ? false : 'asking', to: '/tasks' },
  ];
  const next = steps.find(({ done }) => done === false);
  return (
    <Card title={t('setup.title')}>
      <p className="px-4 pt-3 text-sm text-muted">{t('setup.text')}</p>
      <ol className="p-2">
        {steps.map(({ key, done, to }) => {
          const Icon = done === true ? CircleCheck : done === 'asking' ? Loader : Circle;
          return (
            <li key={key} className="flex items-start gap-3 rounded-md px-2 py-2">
              <Icon className={cn('mt-0.5 size-5 shrink-0', done === true ? 'text-success' : 'text-muted', done === 'asking' && 'animate-spin')} aria-hidden />
              <span className="min-w-0 flex-1">
                <span className={cn('block text-sm font-medium', done === true && 'text-muted')}>
                  {t(`setup.names.${key}`)}
                  <span className="sr-only">: {done === true ? t('setup.done') : done === 'asking' ? t('common:states.loading') : t('setup.toDo')}</span>
                </span>
                <span className="block text-xs text-pretty text-muted">{t(`setup.texts.${key}`)}</span>
              </span>
              {done === true ? null : (
                <Button asChild variant={next?.key === key ? 'primary' : 'secondary'} size="sm">
                  <Link to={to}>{t(`setup.acts.${key}`)}</Link>
                </Button>
              )}
            </li>
          );
        })}
      </ol>
    </Card>
  );
}
