import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

import { getPreferences, setPreference, type Language } from '@/lib/preferences';

type Texts = (typeof import('./en'))['default'];

/** One chunk per language: a reader loads theirs only. */
const loaders: Record<Language, () => Promise<{ default: Record<keyof Texts, object> }>> = {
  en: () => import('./en'),
  uk: () => import('./uk'),
};

async function load(language: Language): Promise<void> {
  if (i18next.hasResourceBundle(language, 'common')) return;
  const texts = (await loaders[language]()).default;
  for (const [namespace, entries] of Object.entries(texts)) i18next.addResourceBundle(language, namespace, entries);
}

/** Resolves when the reader's language is there, so that no page is shown without words. */
export async function startI18n(language: Language = getPreferences().language): Promise<void> {
  if (!i18next.isInitialized) {
    await i18next.use(initReactI18next).init({
      lng: language,
      resources: {},
      fallbackLng: false,
      defaultNS: 'common',
      interpolation: { escapeValue: false }, // React escapes
      react: { useSuspense: false, bindI18nStore: false },
      returnNull: false,
    });
  }
  await changeLanguage(language);
}

export async function changeLanguage(language: Language): Promise<void> {
  await load(language);
  await i18next.changeLanguage(language);
  setPreference('language', language);
}
