import type { TFunction } from 'i18next';

/** What /api/health says of a part that works; anything else is the trouble in words. */
export const isWorking = (state: string) => state === 'working' || state === 'ok';

const known = ['database', 'broker', 'api', 'ingest', 'worker', 'gateway', 'telegram', 'classifier'] as const;

/** The reader's word for a part of the product; one that we do not know has the server's name. */
export function componentName(name: string, t: TFunction<['status', 'common']>): string {
  const found = known.find((part) => part === name);
  return found ? t(`component.${found}`) : name;
}
