import { useTranslation } from 'react-i18next';

import type en from '@/i18n/en';

/** What the server found, and what mends it: in its own English sentences, and named for who says it otherwise. */
export interface Finding {
  cause: string | null | undefined;
  fix?: string | null | undefined;
  cause_code?: string | null | undefined;
  cause_detail?: string | null | undefined;
}

type Code = keyof (typeof en)['hearing']['cause'];

/** The finding in the reader's language; the server's sentences where it is newer than this page and names what we do not know. */
export function useFinding({ cause, fix, cause_code, cause_detail }: Finding): { cause: string | null; fix: string | null; lang: 'en' | undefined } {
  const { t, i18n } = useTranslation('hearing');
  if (!cause_code || !i18n.exists(`hearing:cause.${cause_code}`)) return { cause: cause ?? null, fix: fix ?? null, lang: 'en' };
  const code = cause_code as Code;
  return { cause: t(`cause.${code}`, { detail: cause_detail ?? '' }), fix: fix ? t(`fix.${code}`) : null, lang: undefined };
}

export function CauseAndFix({ of }: { of: Finding }) {
  const { cause, fix, lang } = useFinding(of);
  if (!cause && !fix) return null;
  return (
    <span lang={lang} className="block space-y-0.5">
      {cause ? <span className="block break-words">{cause}</span> : null}
      {fix ? <span className="block break-words">{fix}</span> : null}
    </span>
  );
}
