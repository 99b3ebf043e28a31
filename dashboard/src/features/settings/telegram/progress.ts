import type { Settings, TelegramHearing, TelegramWebhookConfig } from '@/data/telegram';

/** `checking`: Telegram is being asked; `unknown`: it could not be asked; `optional`: nothing has to be done. */
export type StepState = 'done' | 'todo' | 'problem' | 'checking' | 'unknown' | 'optional';

export interface Progress {
  token: StepState;
  wayIn: StepState;
  groups: StepState;
  test: StepState;
}

interface Known {
  settings: Settings;
  /** Null where nothing is stored. */
  config: TelegramWebhookConfig | null;
  /** Undefined while it is asked, null where it could not be. */
  hearing: TelegramHearing | null | undefined;
  /** Whether a test of this visit came through. */
  tested: boolean;
}

/** How far the bot is connected. What is stored decides what is to do; what Telegram says decides whether it works. */
export function progressOf({ settings, config, hearing, tested }: Known): Progress {
  const asked = hearing ?? undefined;
  const settle = (state: StepState): StepState => (state === 'checking' && hearing === null ? 'unknown' : state);
  const wayIn = settle(wayInState(settings, config, asked));
  return {
    token: settle(tokenState(settings, asked)),
    wayIn,
    groups: settle(groupsState(config, asked)),
    test: settle(testState(settings, asked, tested, wayIn)),
  };
}

/** What came once proves nothing about a way that does not stand any more. */
function testState(settings: Settings, hearing: TelegramHearing | undefined, tested: boolean, wayIn: StepState): StepState {
  if (tested || (hearing?.webhook.last_update_at && wayIn !== 'todo' && wayIn !== 'problem')) return 'done';
  // What nobody knows to be wrong waits for nobody.
  if (hearing?.bot.state === 'unreachable') return 'unknown';
  return hearing || settings.telegram.bot_token === '' ? 'todo' : 'checking';
}

function tokenState(settings: Settings, hearing: TelegramHearing | undefined): StepState {
  if (settings.telegram.bot_token === '') return 'todo';
  switch (hearing?.bot.state) {
    case undefined:
      return settings.telegram.bot ? 'done' : 'checking';
    case 'ok':
      return 'done';
    case 'no_token':
      return 'todo';
    case 'unreachable':
      return 'unknown';
    default:
      return 'problem';
  }
}

function wayInState(settings: Settings, config: TelegramWebhookConfig | null, hearing: TelegramHearing | undefined): StepState {
  if (settings.telegram.bot_token === '') return 'todo';
  switch (hearing?.webhook.state) {
    case 'ok':
      return 'done';
    case 'not_registered':
      return 'todo';
    case 'elsewhere':
    case 'failing':
    case 'conflict':
      return 'problem';
    case 'idle':
      return 'checking';
    case 'unknown':
      return 'unknown';
    case undefined:
      if (settings.telegram.mode === 'polling') return 'checking';
      return config?.is_active ? 'checking' : 'todo';
  }
}

function groupsState(config: TelegramWebhookConfig | null, hearing: TelegramHearing | undefined): StepState {
  if (!config || config.groups.length === 0) return 'optional';
  if (!hearing) return 'checking';
  const states = hearing.groups.map(({ state }) => state);
  if (states.some((state) => state === 'partly' || state === 'absent' || state === 'unresolved')) return 'problem';
  // What is undelivered is mended at the way in, or with the token.
  return states.every((state) => state === 'heard') ? 'done' : 'unknown';
}

export const stepNames = ['token', 'wayIn', 'groups', 'test'] as const;
export type StepName = (typeof stepNames)[number];

/** The step that waits for the reader: a fault first, then what is not done yet; null where all stands. */
export function nextStep(progress: Progress): StepName | null {
  return stepNames.find((name) => progress[name] === 'problem') ?? stepNames.find((name) => progress[name] === 'todo') ?? null;
}
