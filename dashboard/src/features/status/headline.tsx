import { CircleAlert, CircleCheck, Loader, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { useLanguage } from '@/components/time';
import type { Health } from '@/data/operations';
import { cn } from '@/lib/cn';
import { formatNumber } from '@/lib/format';
import type { LivePhase } from '@/live/socket';

import { componentName, isWorking } from './component-names';

interface HeadlineProps {
  /** Undefined while it is asked for, null where the server does not answer. */
  health: Health | null | undefined;
  phase: LivePhase;
  /** Who judges messages first does not; undefined while that is asked. */
  judgeDown: boolean | undefined;
  /** Sources that need somebody; undefined while Telegram is asked, null where it could not be. */
  sources: number | null | undefined;
  /** No bot is connected, as far as is known. */
  noBot: boolean;
  /** Dead letters that are known; null while they are not. */
  failed: number | null;
}

/** How things are, in a sentence: the worst first. */
export function Headline({ health, phase, judgeDown, sources, noBot, failed }: HeadlineProps) {
  const { t, i18n } = useTranslation(['status', 'common']);
  const language = useLanguage();
  const say = (): { tone: 'danger' | 'warning' | 'success' | 'muted'; text: string; more?: string } => {
    if (health === null) return { tone: 'danger', text: t('headline.unreachable') };
    if (health === undefined) return { tone: 'muted', text: t('headline.asking') };
    const down = Object.entries(health.components).filter(([, state]) => !isWorking(state));
    if (health.status !== 'healthy') {
      const names = new Intl.ListFormat(i18n.language).format(down.map(([name]) => componentName(name, t)));
      return { tone: 'danger', text: names ? t('headline.down', { names }) : t('headline.unhealthy') };
    }
    if (phase === 'reconnecting' || phase === 'offline') return { tone: 'warning', text: t('headline.notLive') };
    if (judgeDown) return { tone: 'warning', text: t('headline.judgeDown') };
    if (sources === null) return { tone: 'warning', text: t('headline.sourcesUnknown') };
    if (sources) return { tone: 'warning', text: t('headline.sources', { count: sources, n: formatNumber(sources, language) }) };
    if (failed) return { tone: 'warning', text: t('headline.failed', { count: failed, n: formatNumber(failed, language) }) };
    if (sources === undefined || judgeDown === undefined) return { tone: 'muted', text: t('headline.asking') };
    if (noBot) return { tone: 'warning', text: t('headline.noBot') };
    return { tone: 'success', text: t('headline.well'), ...(failed === 0 ? { more: t('headline.nothingFailed') } : {}) };
  };
  const { tone, text, more } = say();
  const Icon = { danger: CircleAlert, warning: TriangleAlert, success: CircleCheck, muted: Loader }[tone];
  return (
    <div
      role="status"
      data-tone={tone}
      className={cn(
        'flex items-center gap-3 rounded-lg px-4 py-3',
        { danger: 'bg-danger-soft text-danger', warning: 'bg-warning-soft text-warning', success: 'bg-success-soft text-success', muted: 'bg-sunken text-muted' }[tone],
      )}
    >
      <Icon className={cn('size-6 shrink-0', tone === 'muted' && 'animate-spin')} aria-hidden />
      <p className="min-w-0 text-base font-semibold text-pretty">
        {text} {more ? <span className="font-normal">{more}</span> : null}
      </p>
    </div>
  );
}
