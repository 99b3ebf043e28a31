import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { DayPicker } from 'react-day-picker';

import { useLanguage } from '@/components/time';
import { formatFullDay, formatMonth, isoDay, weekdayName } from '@/lib/format';
import { noonOf } from '@/lib/typed-day';

interface CalendarProps {
  /** YYYY-MM-DD; '' for none. */
  value: string;
  onPick: (day: string) => void;
  /** The last day that may be picked. */
  max?: string | undefined;
  autoFocus?: boolean;
}

const turn = 'inline-flex size-8 items-center justify-center rounded-md text-muted touch-target hover:bg-hover hover:text-foreground aria-disabled:invisible';

/** A month of days in the page's language, whatever the browser's. Arrows go by days and weeks, Page Up and Page Down by months, with Shift by years. */
export function Calendar({ value, onPick, max, autoFocus = false }: CalendarProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  const last = max ? noonOf(max) : undefined;
  const monday = (at: Date) => (at.getDay() + 6) % 7;
  return (
    <DayPicker
      mode="single"
      required
      lang={language}
      selected={value ? noonOf(value) : undefined}
      onSelect={(at: Date) => onPick(isoDay(at))}
      {...(value ? { defaultMonth: noonOf(value) } : {})}
      {...(last ? { disabled: { after: last }, endMonth: last } : {})}
      autoFocus={autoFocus}
      // As both of our locales have it.
      weekStartsOn={1}
      fixedWeeks
      showOutsideDays
      formatters={{
        formatCaption: (month) => formatMonth(month, language),
        formatWeekdayName: (at) => weekdayName(monday(at), language),
      }}
      labels={{
        labelNav: () => t('date.months'),
        labelPrevious: () => t('date.previous'),
        labelNext: () => t('date.next'),
        labelGrid: (month) => formatMonth(month, language),
        labelWeekday: (at) => weekdayName(monday(at), language, 'long'),
        labelDayButton: (at, { today, selected }) => [formatFullDay(at, language), today ? t('date.today') : '', selected ? t('date.chosen') : ''].filter(Boolean).join(', '),
      }}
      components={{ Chevron: ({ orientation }) => (orientation === 'left' ? <ChevronLeft className="size-4" aria-hidden /> : <ChevronRight className="size-4" aria-hidden />) }}
      classNames={{
        root: 'mx-auto w-fit',
        months: 'relative',
        nav: 'absolute inset-x-0 top-0 flex justify-between',
        button_previous: turn,
        button_next: turn,
        month_caption: 'flex h-8 items-center justify-center text-sm font-medium first-letter:uppercase',
        month_grid: 'mt-1 border-collapse',
        weekday: 'h-7 w-8 text-2xs font-normal text-muted coarse:w-11',
        day: 'p-0 text-center',
        day_button:
          'size-8 rounded-md text-sm tabular-nums hover:bg-hover disabled:opacity-40 disabled:hover:bg-transparent coarse:size-11 in-data-today:font-semibold in-data-today:text-primary-text in-data-outside:text-muted in-data-selected:bg-primary in-data-selected:text-primary-foreground',
      }}
    />
  );
}
