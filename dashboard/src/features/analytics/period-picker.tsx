import { useQuery } from '@tanstack/react-query';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

import { useLanguage } from '@/components/time';
import { Button } from '@/components/ui/button';
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from '@/components/ui/select';
import type { Period } from '@/data/activity';
import { messageFiltersQuery } from '@/data/messages/queries';
import type { Language } from '@/lib/preferences';

import { monthOf, monthsSince, monthText, shiftMonth } from './period';

function monthName(year: number, month: number, language: Language): string {
  return new Intl.DateTimeFormat(language === 'uk' ? 'uk-UA' : 'en-GB', { month: 'long', year: 'numeric' }).format(new Date(year, month, 1));
}

/** Week or month, in the address so that the view can be sent. */
export function PeriodPicker({ period }: { period: Period }) {
  const { t } = useTranslation(['analytics', 'common']);
  const language = useLanguage();
  const [, setParameters] = useSearchParams();
  const filters = useQuery(messageFiltersQuery);
  const now = new Date();
  const today = { year: now.getFullYear(), month: now.getMonth() };
  const show = (month: { year: number; month: number } | null) =>
    setParameters((before) => {
      const after = new URLSearchParams(before);
      after.delete('period');
      after.delete('month');
      if (month) {
        after.set('period', 'month');
        after.set('month', monthText(month.year, month.month));
      }
      return after;
    });
  const months = monthsSince(filters.data?.date_range.earliest);
  const shown = period.kind === 'month' ? period : null;
  const known = !shown || months.some(({ year, month }) => year === shown.year && month === shown.month);
  const options = known || !shown ? months : [...months, shown];
  return (
    <div className="flex flex-wrap items-center gap-2">
      <div role="group" aria-label={t('period.label')} className="flex rounded-md border border-border p-0.5">
        {(['week', 'month'] as const).map((kind) => (
          <Button key={kind} variant="ghost" size="sm" aria-pressed={period.kind === kind} className="aria-pressed:bg-selected aria-pressed:text-foreground" onClick={() => show(kind === 'week' ? null : (shown ?? today))}>
            {t(`period.${kind}`)}
          </Button>
        ))}
      </div>
      {shown ? (
        <div className="flex items-center gap-1">
          <Button variant="ghost" size="icon" aria-label={t('period.previous')} onClick={() => show(shiftMonth(shown, -1))}>
            <ChevronLeft aria-hidden />
          </Button>
          <Select value={monthText(shown.year, shown.month)} onValueChange={(value) => show(monthOf(value))}>
            <SelectTrigger aria-label={t('period.choose')} className="w-44">
              <SelectValue />
            </SelectTrigger>
            <SelectContent>
              {options.map(({ year, month }) => (
                <SelectItem key={monthText(year, month)} value={monthText(year, month)}>
                  {monthName(year, month, language)}
                </SelectItem>
              ))}
            </SelectContent>
          </Select>
          <Button variant="ghost" size="icon" aria-label={t('period.next')} disabled={monthText(shown.year, shown.month) >= monthText(today.year, today.month)} onClick={() => show(shiftMonth(shown, 1))}>
            <ChevronRight aria-hidden />
          </Button>
        </div>
      ) : null}
    </div>
  );
}
