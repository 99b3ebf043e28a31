import { useTranslation } from 'react-i18next';

import { Dialog, DialogBody, DialogContent, DialogHeader } from '@/components/ui/dialog';
import { Kbd } from '@/components/ui/kbd';
import { useShortcutGroups } from '@/lib/shortcuts';

/** Every key that works here and now: the shell's and the page's. */
export function KeyboardOverlay({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const { t } = useTranslation();
  const groups = useShortcutGroups();
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent className="max-w-2xl">
        <DialogHeader title={t('keyboard.title')} description={t('keyboard.description')} />
        <DialogBody className="gap-x-8 pb-5 sm:columns-2" tabIndex={0} role="group" aria-label={t('keyboard.title')}>
          {groups
            .filter((group) => group.shortcuts.length > 0)
            .map((group) => (
              <section key={group.title} className="mb-5 break-inside-avoid">
                <h3 className="mb-1.5 text-xs font-semibold text-muted">{group.title}</h3>
                <dl>
                  {group.shortcuts.map(({ keys, label }) => (
                    <div key={keys} className="flex min-h-7 items-center gap-3">
                      <dt className="flex-1 text-sm">{label}</dt>
                      <dd>
                        <Kbd keys={keys} />
                      </dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
        </DialogBody>
      </DialogContent>
    </Dialog>
  );
}
