import i18next, { type BackendModule } from 'i18next';
import { initReactI18next } from 'react-i18next';

import { persistently } from '@/lib/part';
import { getPreferences, setPreference, type Language } from '@/lib/preferences';

export type Texts = keyof (typeof import('./en'))['default'];

/** A chunk per language and namespace: a reader loads the language that is read, of the pages that are opened. */
const files = import.meta.glob<{ default: Record<string, unknown> }>('./{en,uk}/*.json');

const chunks: BackendModule = {
  type: 'backend',
  init() {},
  read(language, namespace, done) {
    const load = files[`./${language}/${namespace}.json`];
    if (!load) return done(new Error(`no texts called ${namespace} in ${language}`), null);
    persistently(load).then(
      (texts) => done(null, texts.default),
      (fault: Error) => done(fault, null),
    );
  },
};

let started: Promise<unknown> | null = null;

/** Resolves when the shell's texts are there in the reader's language, so that nothing is shown without words. */
export async function startI18n(language: Language = getPreferences().language): Promise<void> {
  started ??= i18next
    .use(chunks)
    .use(initReactI18next)
    .init({
      lng: language,
      load: 'currentOnly',
      fallbackLng: false,
      ns: ['common'],
      defaultNS: 'common',
      interpolation: { escapeValue: false }, // React escapes
      react: { useSuspense: true, bindI18nStore: false },
      returnNull: false,
    });
  await changeLanguage(language);
}

/** Loads a page's texts along with it. What needs others than those waits for them in its Suspense. */
export async function loadTexts(names: readonly Texts[]): Promise<void> {
  await started;
  await i18next.loadNamespaces(names);
}

/** Switches once the texts of all that was opened are there. */
export async function changeLanguage(language: Language): Promise<void> {
  await started;
  await i18next.changeLanguage(language);
  setPreference('language', language);
}
