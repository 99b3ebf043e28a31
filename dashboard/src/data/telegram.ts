import { queryOptions, type QueryClient } from '@tanstack/react-query';

import type { components } from '@/api/schema';
import type { Finding } from '@/components/cause-and-fix';
import { ApiError, api, unwrap } from '@/lib/api';
import { keys } from '@/lib/query-keys';

type Schemas = components['schemas'];

export type Settings = Schemas['Settings'];
export type TelegramMode = Schemas['TelegramMode'];
export type TelegramBot = NonNullable<Schemas['TelegramBot']>;
export type WebhookSettings = Schemas['WebhookSettings'];
export type TelegramWebhookConfig = Schemas['TelegramWebhookConfig'];
export type WebhookAddress = Schemas['WebhookAddress'];
export type WebhookTest = Schemas['WebhookTest'];
export type WebhookTestHop = Schemas['WebhookTestHop'];
export type TelegramHearing = Schemas['TelegramHearing'];
export type GroupHearing = Schemas['GroupHearing'];
export type WebhookHearing = Schemas['WebhookHearing'];
export type BotHearing = Schemas['BotHearing'];
export type DiscoveredChat = Schemas['DiscoveredChat'];
export type TelegramTopic = Schemas['TelegramTopic'];

/** All begin with keys.settings: the frame `settings_updated` reads anew those that are shown. */
const key = (name: string) => [...keys.settings, name] as const;

export const settingsQuery = queryOptions({
  queryKey: key('bot'),
  queryFn: ({ signal }) => unwrap(api.GET('/api/settings', { signal })),
});

export const webhookSettingsQuery = queryOptions({
  queryKey: key('webhook'),
  queryFn: ({ signal }) => unwrap(api.GET('/api/webhook-settings', { signal })),
});

/** Asks Telegram about the bot, its webhook and every monitored chat: seconds where there are many. */
export const hearingQuery = queryOptions({
  queryKey: key('hearing'),
  queryFn: ({ signal }) => unwrap(api.GET('/api/webhook-settings/telegram/hearing', { signal })),
  staleTime: 60_000,
});

export const discoveredQuery = queryOptions({
  queryKey: key('discovered'),
  queryFn: ({ signal }) => unwrap(api.GET('/api/webhook-settings/telegram/discovered', { signal })),
});

export const topicsQuery = (group: number) =>
  queryOptions({
    queryKey: key(`topics ${group}`),
    queryFn: ({ signal }) => unwrap(api.GET('/api/webhook-settings/telegram/groups/{group_id}/topics', { params: { path: { group_id: group } }, signal })),
  });

/** What of Telegram's `getWebhookInfo` is shown. `url` is empty where no webhook stands. */
export interface WebhookInfo {
  url: string;
  pending_update_count: number;
  ip_address: string | null;
  last_error_date: string | null;
  last_error_message: string | null;
  max_connections: number | null;
  allowed_updates: readonly string[] | null;
}

/** The API passes on what Telegram sent: nothing of it is taken for granted. */
export function readWebhookInfo(raw: Record<string, unknown>): WebhookInfo {
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
  const number = (value: unknown) => (typeof value === 'number' ? value : null);
  const since = number(raw.last_error_date);
  return {
    url: text(raw.url) ?? '',
    pending_update_count: number(raw.pending_update_count) ?? 0,
    ip_address: text(raw.ip_address),
    last_error_date: since === null ? null : new Date(since * 1000).toISOString(),
    last_error_message: text(raw.last_error_message),
    max_connections: number(raw.max_connections),
    allowed_updates: Array.isArray(raw.allowed_updates) ? raw.allowed_updates.filter((kind) => typeof kind === 'string') : null,
  };
}

/** Telegram did not tell what it was asked, and why. */
export class NotTold extends ApiError {
  readonly finding: Finding;

  constructor(finding: Finding) {
    super(502, finding.cause ?? '');
    this.finding = finding;
  }
}

/** The webhook as Telegram has it, or `NotTold`. */
export const webhookInfoQuery = queryOptions({
  queryKey: key('info'),
  queryFn: async ({ signal }): Promise<WebhookInfo> => {
    const answer = await unwrap(api.GET('/api/webhook-settings/telegram/info', { signal }));
    if (!answer.success || !answer.webhook_info) throw new NotTold({ ...answer, cause: answer.error });
    return readWebhookInfo(answer.webhook_info);
  },
  staleTime: 10_000,
});

/** After a change of ours: what it answered is shown at once, the rest is read anew. */
export function putWebhookConfig(cache: QueryClient, telegram: TelegramWebhookConfig): void {
  cache.setQueryData(webhookSettingsQuery.queryKey, (before) => (before ? { ...before, telegram } : before));
  rereadTelegram(cache);
}

export function rereadTelegram(cache: QueryClient): void {
  void cache.invalidateQueries({ queryKey: keys.settings });
}

/**
 * How many sources need somebody: the bot, its way in, each chat that is not or only partly heard. Without a token
 * nothing is to be heard, and what could not be asked is no trouble yet.
 */
export function troubles({ bot, webhook, groups }: TelegramHearing): { count: number; groupsOnly: boolean } {
  if (bot.state === 'no_token') return { count: 0, groupsOnly: false };
  const botDown = bot.state !== 'ok';
  const closed = ['not_registered', 'elsewhere', 'failing', 'conflict'].includes(webhook.state);
  const deaf = groups.filter(({ state }) => state === 'absent' || state === 'partly' || state === 'unresolved').length;
  return { count: Number(botDown) + Number(closed) + deaf, groupsOnly: deaf > 0 && !botDown && !closed };
}
