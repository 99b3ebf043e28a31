import type { DeadLetter } from '@/data/operations';

/** JSON with line breaks where it is whole JSON, else the text as it is. */
export function readable({ payload, payload_encoding }: Pick<DeadLetter, 'payload' | 'payload_encoding'>): string {
  if (payload_encoding !== 'text') return payload;
  try {
    return JSON.stringify(JSON.parse(payload), null, 2);
  } catch {
    return payload;
  }
}
