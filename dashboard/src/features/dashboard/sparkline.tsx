interface Day {
  /** What the day was like, in words, for who points at it or cannot see it. */
  text: string;
  /** One bar each. */
  values: readonly number[];
}

const HEIGHT = 24;
const BAR = 5;
const GAP = 3;
const tones = ['fill-primary', 'fill-success'];

/** A figure day by day, beside it. A day of which there is nothing keeps its place as a line. */
export function Sparkline({ label, days }: { label: string; days: readonly Day[] }) {
  const bars = days[0]?.values.length ?? 0;
  const step = bars * BAR + GAP;
  const most = Math.max(1, ...days.flatMap(({ values }) => values));
  const width = days.length * step - GAP;
  return (
    <svg role="img" aria-label={`${label}: ${days.map(({ text }) => text).join('; ')}`} viewBox={`0 0 ${width} ${HEIGHT}`} width={width} height={HEIGHT} className="shrink-0">
      {days.map(({ text, values }, i) => (
        <g key={text}>
          <title>{text}</title>
          <rect x={i * step} width={step - GAP} height={HEIGHT} fill="transparent" />
          {values.map((value, bar) => {
            const height = value === 0 ? 1 : Math.max(2, Math.round((value / most) * HEIGHT));
            return <rect key={tones[bar]} x={i * step + bar * BAR} y={HEIGHT - height} width={BAR - (bars > 1 ? 1 : 0)} height={height} className={value === 0 ? 'fill-border-strong' : tones[bar]} />;
          })}
        </g>
      ))}
    </svg>
  );
}
