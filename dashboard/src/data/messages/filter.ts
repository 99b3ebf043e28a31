import type { Message } from '@/lib/api';
import { isoDay } from '@/lib/format';
import { day, instant, oneOf } from '@/lib/url-state';

/** How far a message may get once there is something to do; each holds those that follow. */
export const STAGES = ['proposed', 'accepted', 'done'] as const;

/** As the API's parameters are called; absent fields filter nothing. */
export interface MessageFilter {
  q?: string;
  author?: string;
  source?: string;
  chat_id?: string;
  classification?: 'issue' | 'other' | 'unclassified';
  /** How far it got, at least. */
  reached?: (typeof STAGES)[number];
  date_from?: string;
  date_to?: string;
  /** Instants, as the hour behind a chart's mark has them. */
  sent_from?: string;
  sent_before?: string;
}

const text = (value: string | null, most: number) => value?.trim().slice(0, most) || undefined;

/** Drops what the API would refuse: the address is typed by people. */
export function parseMessageFilter(parameters: URLSearchParams): MessageFilter {
  const from = day(parameters.get('date_from'));
  const to = day(parameters.get('date_to'));
  const filter = {
    q: text(parameters.get('q'), 500),
    author: text(parameters.get('author'), 200),
    source: text(parameters.get('source'), 200),
    chat_id: text(parameters.get('chat_id'), 255),
    classification: oneOf(parameters.get('classification'), ['issue', 'other', 'unclassified'] as const),
    reached: oneOf(parameters.get('reached'), STAGES),
    date_from: from && to && from > to ? to : from,
    date_to: from && to && from > to ? from : to,
    sent_from: instant(parameters.get('sent_from')),
    sent_before: instant(parameters.get('sent_before')),
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as MessageFilter;
}

/**
 * Whether a message passes the filter, as the server would say. `ask`: all but the full-text search, whose word
 * forms only the server knows, and how far it got, which is told of tasks and proposals and not of messages.
 */
export function matches(filter: MessageFilter, message: Message): boolean | 'ask' {
  const contains = (value: string, part: string | undefined) => !part || value.toLowerCase().includes(part.toLowerCase());
  if (!contains(message.author, filter.author) || !contains(message.source_name, filter.source)) return false;
  if (filter.chat_id && message.chat_id !== filter.chat_id) return false;
  if (filter.date_from || filter.date_to) {
    const sent = isoDay(new Date(message.sent_at));
    if (filter.date_from && sent < filter.date_from) return false;
    if (filter.date_to && sent > filter.date_to) return false;
  }
  if (filter.sent_from && Date.parse(message.sent_at) < Date.parse(filter.sent_from)) return false;
  if (filter.sent_before && Date.parse(message.sent_at) >= Date.parse(filter.sent_before)) return false;
  switch (filter.classification) {
    case 'issue':
      if (!message.classification?.is_issue) return false;
      break;
    case 'other':
      if (!message.classification || message.classification.is_issue) return false;
      break;
    case 'unclassified':
      if (message.classification) return false;
      break;
    case undefined:
  }
  return filter.q || filter.reached ? 'ask' : true;
}
