import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';

import { useLanguage } from '@/components/time';
import { formatCompact, formatDay, formatNumber } from '@/lib/format';

import { fillOf } from './series';

export interface DayBar {
  /** YYYY-MM-DD. */
  day: string;
  [series: string]: string | number;
}

interface DayChartProps {
  data: readonly DayBar[];
  /** Keys of the bars of a day and their names: stacked from the bottom, or side by side. */
  series: readonly { key: string; name: string }[];
  stacked?: boolean;
  /** A bar was chosen; `key` is null beside the bars. */
  onMark: (day: string, key: string | null) => void;
}

/** Bars per day; a click opens the list behind one. Keyboards have the table view, whose numbers are links. */
export default function DayChart({ data, series, stacked = false, onMark }: DayChartProps) {
  const language = useLanguage();
  const dayText = (day: string) => formatDay(new Date(`${day}T00:00`), language);
  return (
    <div className="h-56" aria-hidden>
      <ResponsiveContainer width="100%" height="100%">
        <BarChart
          data={[...data]}
          accessibilityLayer={false}
          margin={{ top: 4, right: 4, bottom: 0, left: 0 }}
          onClick={({ activeLabel }) => typeof activeLabel === 'string' && onMark(activeLabel, null)}
          className="cursor-pointer"
        >
          <CartesianGrid vertical={false} stroke="var(--chart-grid)" />
          <XAxis dataKey="day" tickFormatter={dayText} tickLine={false} axisLine={{ stroke: 'var(--chart-grid)' }} tick={{ fill: 'var(--muted-foreground)', fontSize: 11 }} minTickGap={16} />
          <YAxis allowDecimals={false} width="auto" tickLine={false} axisLine={false} tick={{ fill: 'var(--muted-foreground)', fontSize: 11 }} tickFormatter={(n: number) => formatCompact(n, language)} />
          <Tooltip
            cursor={{ fill: 'var(--hover)' }}
            labelFormatter={(day) => dayText(String(day))}
            formatter={(n) => formatNumber(Number(n), language)}
            contentStyle={{ background: 'var(--surface-raised)', border: '1px solid var(--border)', borderRadius: 8, fontSize: 12 }}
            isAnimationActive={false}
          />
          {series.map(({ key, name }, i) => (
            <Bar
              key={key}
              dataKey={key}
              name={name}
              {...(stacked ? { stackId: 'day' } : {})}
              fill={fillOf(i)}
              isAnimationActive={false}
              maxBarSize={44}
              onClick={({ payload }, _i, event) => {
                event.stopPropagation();
                onMark((payload as DayBar).day, key);
              }}
            />
          ))}
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}
