import type { Pipeline } from '@/data/operations';

type Stream = Pipeline['streams'][number];

/** Messages a second that each stream took. */
export type Rates = Partial<Record<Stream['name'], number>>;

/** A stream that was made anew in between has counted less than before: it has no rate. */
export function rateOf(before: Pipeline, now: Pipeline): Rates {
  const seconds = (Date.parse(now.measured_at) - Date.parse(before.measured_at)) / 1000;
  const rates: Rates = {};
  if (seconds <= 0) return rates;
  for (const { name, passed } of now.streams) {
    const earlier = before.streams.find((stream) => stream.name === name);
    if (earlier && passed >= earlier.passed) rates[name] = (passed - earlier.passed) / seconds;
  }
  return rates;
}

/** What all consumers of some streams have before them; null where no stream could be measured. */
export function waitingOf(streams: readonly (Stream | undefined)[]): { waiting: number; inHand: number; redelivered: number } | null {
  const consumers = streams.flatMap((stream) => stream?.consumers ?? []);
  if (streams.every((stream) => stream === undefined)) return null;
  return consumers.reduce((sum, each) => ({ waiting: sum.waiting + each.waiting, inHand: sum.inHand + each.in_hand, redelivered: sum.redelivered + each.redelivered }), { waiting: 0, inHand: 0, redelivered: 0 });
}
