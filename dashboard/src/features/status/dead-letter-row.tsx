import { ChevronRight, RotateCcw, Trash2 } from 'lucide-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ChangeButton } from '@/components/guarded';
import { RelativeTime, useLanguage } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { Checkbox } from '@/components/ui/checkbox';
import { TableCell, TableRow } from '@/components/ui/table';
import type { DeadLetter } from '@/data/operations';
import { cn } from '@/lib/cn';
import { formatNumber } from '@/lib/format';

import type { Act } from './confirm-act';
import { useLetterWords } from './letter-words';
import { readable } from './payload';

interface DeadLetterRowProps {
  letter: DeadLetter;
  chosen: boolean;
  onChoose: (on: boolean) => void;
  onAct: (act: Act) => void;
}

export function DeadLetterRow({ letter, chosen, onChoose, onAct }: DeadLetterRowProps) {
  const { t } = useTranslation(['status', 'common']);
  const language = useLanguage();
  const [open, setOpen] = useState(false);
  const id = useId();
  const { sentences, detail } = useLetterWords()(letter);
  const { stream, kind, subject, attempts, failed_at, payload_size, payload_truncated } = letter;
  return (
    <>
      <TableRow className={cn('align-top', open && 'border-0', chosen && 'bg-selected')}>
        <TableCell className="py-2.5 pl-4">
          <Checkbox aria-label={t('dead.select', { id: letter.id })} checked={chosen} onCheckedChange={(on) => onChoose(on === true)} />
        </TableCell>
        <TableCell className="w-full max-w-0 py-1.5">
          <button type="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)} className="flex w-full items-start gap-1.5 rounded-sm text-left touch-target">
            <ChevronRight className={cn('mt-0.5 size-4 shrink-0 text-muted transition-transform', open && 'rotate-90')} aria-hidden />
            <span className="min-w-0">
              <span className="flex flex-wrap items-center gap-1.5">
                <Badge>{kind}</Badge>
                <span className="text-xs text-muted">{stream}</span>
                <RelativeTime at={failed_at} className="text-xs text-muted sm:hidden" />
              </span>
              <span className={cn('mt-0.5 block text-sm break-words', !open && 'line-clamp-3')}>
                {sentences.map(({ text, lang }, i) => (
                  <span key={i} lang={lang}>
                    {i > 0 ? ' ' : ''}
                    {text}
                  </span>
                ))}
              </span>
            </span>
          </button>
        </TableCell>
        <TableCell className="py-2 tabular-nums max-md:hidden">{formatNumber(attempts, language)}</TableCell>
        <TableCell className="py-2 text-muted max-sm:hidden">
          <RelativeTime at={failed_at} />
        </TableCell>
        <TableCell className="py-1 pr-4">
          <span className="flex justify-end gap-1">
            {/* Only what the state allows: one without a subject has nowhere to go back to. */}
            {subject ? (
              <ChangeButton variant="ghost" size="icon-sm" aria-label={t('dead.replay', { id: letter.id })} title={t('dead.replay', { id: letter.id })} onClick={() => onAct('replay')}>
                <RotateCcw aria-hidden />
              </ChangeButton>
            ) : null}
            <ChangeButton variant="ghost" size="icon-sm" aria-label={t('dead.delete', { id: letter.id })} title={t('dead.delete', { id: letter.id })} onClick={() => onAct('delete')}>
              <Trash2 aria-hidden />
            </ChangeButton>
          </span>
        </TableCell>
      </TableRow>
      {open ? (
        <TableRow>
          <td id={id} colSpan={5} className="px-4 pb-3 sm:pl-16">
            <p className="mb-1.5 text-xs text-muted">
              {subject ? t('dead.goesTo', { subject }) : t('dead.nowhere')} · {t('dead.size', { n: formatNumber(payload_size, language) })}
              {payload_truncated ? ` · ${t('dead.truncated')}` : ''}
            </p>
            {detail ? (
              <p className="mb-1.5 text-xs break-words text-muted">
                {t('dead.detail')}{' '}
                <code lang="en" className="text-foreground">
                  {detail}
                </code>
              </p>
            ) : null}
            <pre tabIndex={0} aria-label={t('dead.payload')} className="max-h-80 overflow-auto rounded-md bg-sunken p-3 font-mono text-xs break-all whitespace-pre-wrap">
              {readable(letter)}
            </pre>
          </td>
        </TableRow>
      ) : null}
    </>
  );
}
