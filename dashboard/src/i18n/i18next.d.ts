import 'i18next';

import type en from './en';

/** Keys are checked by the compiler against the English texts: t('tasks:title'). */
declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: typeof en;
    returnNull: false;
  }
}
