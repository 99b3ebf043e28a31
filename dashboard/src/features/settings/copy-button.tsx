import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from '@/lib/toast';

import { Button } from '@/components/ui/button';
import { Tooltip } from '@/components/ui/tooltip';

/** Copies a value; says so in the button itself. `name` tells copy buttons of one page apart. */
export function CopyButton({ value, name }: { value: string; name: string }) {
  const { t } = useTranslation(['settings', 'common']);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    try {
      // Not there on a page without https; the reader is told then.
      await navigator.clipboard.writeText(value);
      setCopied(true);
    } catch {
      toast.error(t('copy.failed'), { description: value });
    }
  };
  const label = copied ? t('common:actions.copied') : t('copy.label', { name });
  return (
    <Tooltip label={label}>
      <Button variant="ghost" size="icon-sm" aria-label={label} onClick={() => void copy()}>
        {copied ? <Check className="text-success" aria-hidden /> : <Copy aria-hidden />}
      </Button>
    </Tooltip>
  );
}
