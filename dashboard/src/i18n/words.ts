import i18next, { type TFunction } from 'i18next';
import { useSyncExternalStore } from 'react';

import type { Texts } from './i18n';

function onLanguage(listener: () => void): () => void {
  i18next.on('languageChanged', listener);
  return () => i18next.off('languageChanged', listener);
}

const language = () => i18next.language;
const made = new Map<string, unknown>();

/**
 * `t` of texts that are there already, as those of a page are. useTranslation copies i18next for each that asks, and each row of
 * a list asks many times.
 */
export function useWords<const N extends Texts | readonly [Texts, ...Texts[]]>(namespaces: N): TFunction<N> {
  const now = useSyncExternalStore(onLanguage, language);
  const key = `${now} ${String(namespaces)}`;
  let t = made.get(key);
  if (!t) {
    t = i18next.getFixedT(now, namespaces as Texts);
    made.set(key, t);
  }
  return t as TFunction<N>;
}
