import type { TelegramWebhookConfig, WebhookInfo } from '@/data/telegram';

/**
 * What is stored here beside what Telegram has. `none`: neither has one; `missing`: here it counts as registered, there it is
 * not; `elsewhere`: there it is another address; `unmarked`: there it stands, here it does not count as registered.
 */
export type Comparison = 'same' | 'none' | 'missing' | 'elsewhere' | 'unmarked';

export function compare(config: TelegramWebhookConfig | null, info: Pick<WebhookInfo, 'url'>): Comparison {
  if (info.url === '') return config?.is_active ? 'missing' : 'none';
  if (info.url !== config?.webhook_url) return 'elsewhere';
  return config.is_active ? 'same' : 'unmarked';
}
