import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ChevronDown, Play } from 'lucide-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { DateField } from '@/components/date-field';
import { ChangeButton } from '@/components/guarded';
import { Notice } from '@/components/notice';
import { Card } from '@/components/page';
import { useErrorText } from '@/components/states';
import { Button } from '@/components/ui/button';
import { Checkbox } from '@/components/ui/checkbox';
import { Input } from '@/components/ui/input';
import { Label } from '@/components/ui/label';
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover';
import { putRun, type AnalysisRun, type NewAnalysisRun } from '@/data/analysis';
import { api, unwrap } from '@/lib/api';
import { addDays, isoDay, timeZone } from '@/lib/format';
import { useCanChange } from '@/live/live';

import { ScheduleLine } from './schedule-line';
import { countDays, MOST_DAYS, spanOf, type Days } from './span';
import { useGroupNames } from './use-group-names';

export function useStartRun(onStarted: (run: AnalysisRun) => void) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: NewAnalysisRun) => unwrap(api.POST('/api/analysis-runs', { body })),
    onSuccess: (run) => {
      putRun(cache, run);
      onStarted(run);
    },
  });
}

interface Props {
  days: Days;
  groups: readonly string[];
  onDays: (days: Days) => void;
  onGroups: (groups: readonly string[]) => void;
  onStarted: (run: AnalysisRun) => void;
}

/** Which days and groups to analyse. What is chosen is in the address. */
export function RunForm({ days, groups, onDays, onGroups, onStarted }: Props) {
  const { t } = useTranslation(['review', 'common']);
  const errorText = useErrorText();
  const canChange = useCanChange();
  const id = useId();
  const start = useStartRun(onStarted);
  const now = new Date();
  const today = isoDay(now);
  const yesterday = isoDay(addDays(now, -1));
  const presets: [string, Days][] = [
    [t('run.today'), { from: today, to: today }],
    [t('run.yesterday'), { from: yesterday, to: yesterday }],
    [t('analysis.week'), { from: isoDay(addDays(now, -6)), to: today }],
  ];
  const tooLong = countDays(days) > MOST_DAYS;
  return (
    <Card title={t('analysis.title')}>
      <form
        className="space-y-3 p-4"
        onSubmit={(event) => {
          event.preventDefault();
          // Enter reaches here past the button, which says why nothing can be sent.
          if (!start.isPending && !tooLong && canChange) start.mutate({ ...spanOf(days), chats: groups.length > 0 ? [...groups] : null });
        }}
      >
        <p className="text-sm text-pretty text-muted">{t('analysis.text')}</p>
        <div role="group" aria-label={t('analysis.period')} className="flex flex-wrap gap-1">
          {presets.map(([name, preset]) => (
            <Button key={name} aria-pressed={preset.from === days.from && preset.to === days.to} className="aria-pressed:bg-selected" onClick={() => onDays(preset)}>
              {name}
            </Button>
          ))}
        </div>
        <div className="grid grid-cols-2 gap-3">
          {(['from', 'to'] as const).map((end) => (
            <div key={end} className="flex min-w-0 flex-col gap-1">
              <Label htmlFor={`${id}-${end}`}>{t(`analysis.${end}`)}</Label>
              <DateField
                id={`${id}-${end}`}
                required
                max={today}
                value={days[end]}
                invalid={tooLong}
                describedBy={tooLong ? `${id}-long` : undefined}
                onChange={(day) => {
                  const next = { ...days, [end]: day };
                  onDays(next.from <= next.to ? next : { from: day, to: day });
                }}
              />
            </div>
          ))}
        </div>
        {tooLong ? (
          <p id={`${id}-long`} role="alert" className="text-xs text-danger">
            {t('analysis.tooLong', { count: MOST_DAYS })}
          </p>
        ) : null}
        <Groups days={days} chosen={groups} onChange={onGroups} />
        <p className="text-xs text-muted">{t('analysis.zone', { zone: timeZone() })}</p>
        <ChangeButton type="submit" variant="primary" disabled={start.isPending || tooLong}>
          <Play aria-hidden />
          {start.isPending ? t('analysis.starting') : t('analysis.start')}
        </ChangeButton>
        {start.error ? (
          <Notice tone="danger" announce title={t('analysis.notStarted')}>
            {errorText(start.error)}
          </Notice>
        ) : null}
        <ScheduleLine />
      </form>
    </Card>
  );
}

function Groups({ days, chosen, onChange }: { days: Days; chosen: readonly string[]; onChange: (groups: readonly string[]) => void }) {
  const { t } = useTranslation(['review', 'common']);
  const known = useGroupNames(days);
  for (const id of chosen) if (!known.has(id)) known.set(id, id);
  const [find, setFind] = useState('');
  const shown = [...known].filter(([, name]) => name.toLowerCase().includes(find.trim().toLowerCase()));
  const first = chosen[0];
  const label = first === undefined ? t('analysis.allGroups') : chosen.length === 1 ? (known.get(first) ?? first) : t('analysis.groupCount', { count: chosen.length });
  return (
    <Popover>
      <PopoverTrigger asChild>
        <Button className="w-full justify-between" aria-label={`${t('analysis.groups')}: ${label}`}>
          <span className="truncate">{label}</span>
          <ChevronDown aria-hidden />
        </Button>
      </PopoverTrigger>
      <PopoverContent className="w-80 max-w-[calc(100vw-2rem)] space-y-2">
        {known.size > 8 ? <Input aria-label={t('analysis.findGroup')} placeholder={t('analysis.findGroup')} value={find} onChange={(event) => setFind(event.target.value)} /> : null}
        <div role="group" aria-label={t('analysis.groups')} className="max-h-64 overflow-y-auto">
          {shown.map(([id, name]) => (
            <label key={id} className="flex min-h-8 cursor-pointer items-center gap-2.5 rounded-md px-2 text-sm touch-target hover:bg-hover">
              <Checkbox checked={chosen.includes(id)} onCheckedChange={(on) => onChange(on === true ? [...chosen, id].slice(0, 50) : chosen.filter((other) => other !== id))} />
              <bdi className="min-w-0 truncate">{name}</bdi>
            </label>
          ))}
          {known.size === 0 ? <p className="px-2 py-1 text-sm text-muted">{t('analysis.noGroups')}</p> : null}
        </div>
        {chosen.length > 0 ? (
          <Button size="sm" variant="ghost" onClick={() => onChange([])}>
            {t('analysis.allGroups')}
          </Button>
        ) : null}
      </PopoverContent>
    </Popover>
  );
}
