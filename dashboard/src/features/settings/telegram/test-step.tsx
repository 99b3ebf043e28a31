import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleCheck, CircleDashed, CircleX, Loader } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { ChangeButton } from '@/components/guarded';
import { useErrorText } from '@/components/states';
import { useLanguage } from '@/components/time';
import { rereadTelegram, type WebhookTest, type WebhookTestHop } from '@/data/telegram';
import { api, unwrap } from '@/lib/api';
import { cn } from '@/lib/cn';
import { formatNumber } from '@/lib/format';
import { useLiveHandlers, type LiveHandlers } from '@/live/live';

import { CauseAndFix, Notice } from '../notice';

type HopName = WebhookTestHop['name'];
const order: readonly HopName[] = ['ingest', 'broker', 'wire', 'database'];

interface TestStepProps {
  polling: boolean;
  ready: boolean;
  onPassed: () => void;
}

/** A real update by the real way, hop by hop; hops tick while it is under way. */
export function TestStep({ polling, ready, onPassed }: TestStepProps) {
  const { t } = useTranslation(['settings', 'common']);
  const errorText = useErrorText();
  const cache = useQueryClient();
  const [passed, setPassed] = useState<ReadonlySet<string>>(new Set());
  const test = useMutation({
    mutationFn: () => unwrap(api.POST('/api/webhook-settings/telegram/test')),
    onMutate: () => setPassed(new Set()),
    onSuccess: (result) => {
      if (result.success) onPassed();
      rereadTelegram(cache);
    },
  });
  const handlers = useMemo<LiveHandlers>(() => ({ webhook_test: (frames) => setPassed((before) => new Set([...before, ...frames.map(({ data }) => data.hop)])) }), []);
  useLiveHandlers(handlers);

  if (polling) return <p className="text-sm text-pretty text-muted">{t('test.polling')}</p>;
  return (
    <div className="space-y-3">
      <p className="text-sm text-pretty text-muted">{t('test.text')}</p>
      <ChangeButton variant="primary" disabled={!ready || test.isPending} onClick={() => test.mutate()}>
        {test.isPending ? t('test.running') : test.data ? t('test.again') : t('test.run')}
      </ChangeButton>
      {ready ? null : <p className="text-xs text-muted">{t('test.notReady')}</p>}
      {test.isPending || test.data ? <Hops result={test.data} passed={passed} /> : null}
      {test.error ? <Notice tone="danger" announce title={errorText(test.error)} /> : null}
      {test.data ? (
        <Notice tone={test.data.success ? 'success' : 'danger'} announce title={test.data.success ? t('test.success') : t('test.failed')}>
          {test.data.success ? (
            <>
              {t('test.next')}{' '}
              <Link to="/messages" className="text-primary-text underline underline-offset-4">
                {t('common:nav.messages')}
              </Link>
            </>
          ) : (
            <CauseAndFix of={{ ...test.data, cause: test.data.message }} />
          )}
        </Notice>
      ) : null}
    </div>
  );
}

/** Before the answer the frames say what is passed; the answer has the times. */
function Hops({ result, passed }: { result: WebhookTest | undefined; passed: ReadonlySet<string> }) {
  const { t } = useTranslation(['settings', 'common']);
  const language = useLanguage();
  const hops: readonly WebhookTestHop[] = result?.hops ?? order.map((name) => ({ name, reached: passed.has(name), milliseconds: null, detail: null }));
  const failed = result ? hops.find(({ reached }) => !reached)?.name : undefined;
  return (
    <ol aria-label={t('test.hops')} className="max-w-xl divide-y divide-border rounded-md border border-border">
      {hops.map(({ name, reached, milliseconds, detail }) => {
        const Icon = reached ? CircleCheck : failed === name ? CircleX : result ? CircleDashed : Loader;
        return (
          <li key={name} className="flex items-start gap-3 px-3 py-2 text-sm">
            <Icon className={cn('mt-0.5 size-4 shrink-0', reached ? 'text-success' : failed === name ? 'text-danger' : 'text-muted', !result && !reached && 'animate-spin')} aria-hidden />
            <span className="min-w-0 flex-1">
              <span className="block">{t(`test.hop.${name}`)}</span>
              {/* The notice below says the finding, in the reader's language. */}
              {detail && detail !== result?.message ? (
                <span lang="en" className="block text-xs break-words text-muted">
                  {detail}
                </span>
              ) : null}
            </span>
            <span className="text-xs whitespace-nowrap text-muted tabular-nums">
              {reached ? (milliseconds === null ? t('test.passed') : t('test.milliseconds', { n: formatNumber(Math.round(milliseconds), language) })) : result ? t('test.notReached') : t('test.waiting')}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
