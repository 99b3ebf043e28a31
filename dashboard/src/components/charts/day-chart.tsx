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
  /** Stacked from the bottom, in this order. */
  series: readonly string[];
  onDay: (day: string) => void;
}

/** Messages per day, stacked by source; a click opens the day. Keyboards have the table view, whose rows are links. */
export default function DayChart({ data, series, onDay }: DayChartProps) {
  const language = useLanguage();
  const dayText = (day: string) => formatDay(new Date(`${day}T00:00`), language);
  return (
    <div className="h-56" aria-hidden>
      <ResponsiveContainer width="100%" height="100%">
        <BarChart
          data={[...data]}
          accessibilityLayer={false}
          margin={{ top: 4, right: 4, bottom: 0, left: 0 }}
          onClick={({ activeLabel }) => typeof activeLabel === 'string' && onDay(activeLabel)}
          className="cursor-pointer"
        >
          <CartesianGrid vertical={false} stroke="var(--chart-grid)" />
          <XAxis dataKey="day" tickFormatter={dayText} tickLine={false} axisLine={{ stroke: 'var(--chart-grid)' }} tick={{ fill: 'var(--muted-foreground)', fontSize: 11 }} minTickGap={16} />
          <YAxis allowDecimals={false} width={36} tickLine={false} axisLine={false} tick={{ fill: 'var(--muted-foreground)', fontSize: 11 }} tickFormatter={(n: number) => formatCompact(n, language)} />
          <Tooltip
            cursor={{ fill: 'var(--hover)' }}
            labelFormatter={(day) => dayText(String(day))}
            formatter={(n) => formatNumber(Number(n), language)}
            contentStyle={{ background: 'var(--surface-raised)', border: '1px solid var(--border)', borderRadius: 8, fontSize: 12 }}
            isAnimationActive={false}
          />
          {series.map((name, i) => (
            <Bar key={name} dataKey={name} name={name} stackId="messages" fill={fillOf(i)} isAnimationActive={false} maxBarSize={44} />
          ))}
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}
