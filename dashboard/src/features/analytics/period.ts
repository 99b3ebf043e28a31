import type { Period } from '@/data/activity';

/** As the address has it: `period=month&month=2026-03`; the week needs nothing. */
export function parsePeriod(parameters: URLSearchParams, now = new Date()): Period {
  if (parameters.get('period') !== 'month') return { kind: 'week' };
  const match = /^(\d{4})-(\d{2})$/.exec(parameters.get('month') ?? '');
  const year = Number(match?.[1]);
  const month = Number(match?.[2]) - 1;
  if (!match || year < 1970 || month < 0 || month > 11) return { kind: 'month', year: now.getFullYear(), month: now.getMonth() };
  return { kind: 'month', year, month };
}

export const monthText = (year: number, month: number) => `${year}-${String(month + 1).padStart(2, '0')}`;

/** The month that monthText wrote so. */
export function monthOf(text: string): { year: number; month: number } {
  const [year = 0, month = 1] = text.split('-').map(Number);
  return { year, month: month - 1 };
}

/** `by` months later. */
export function shiftMonth({ year, month }: { year: number; month: number }, by: number): { year: number; month: number } {
  const at = new Date(year, month + by, 1);
  return { year: at.getFullYear(), month: at.getMonth() };
}

/** Months from that of `earliest` (YYYY-MM-DD) to now's, newest first; at most ten years of them. */
export function monthsSince(earliest: string | null | undefined, now = new Date()): { year: number; month: number }[] {
  const first = (earliest ?? '').slice(0, 7);
  const months = [];
  for (let at = { year: now.getFullYear(), month: now.getMonth() }; months.length < 120; at = shiftMonth(at, -1)) {
    months.push(at);
    if (!first || monthText(at.year, at.month) <= first) break;
  }
  return months;
}
