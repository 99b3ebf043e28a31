import { analysisLive } from '@/data/analysis';
import { insightLive } from '@/data/insight';
import { linksLive } from '@/data/links-live';
import { messagesLive } from '@/data/messages/live';
import { proposalsLive } from '@/data/proposals-live';
import { settingsLive } from '@/data/settings';
import { tasksLive } from '@/data/tasks/live';
import type { LiveHandlers } from '@/live/live';

/** Who is fed whatever page is shown. A new data module adds its handlers here. */
export const liveHandlers: readonly LiveHandlers[] = [messagesLive, tasksLive, proposalsLive, linksLive, analysisLive, insightLive, settingsLive];
