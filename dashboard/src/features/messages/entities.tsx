import { useTranslation } from 'react-i18next';

import { Badge } from '@/components/ui/badge';
import { useDeadlineWords } from '@/data/deadlines';
import type { MessageDetail } from '@/lib/api';

type Entity = MessageDetail['entities'][number];

function kindOf({ kind, date }: Entity) {
  return date?.is_deadline ? 'deadline' : kind;
}

/** What the machine reads in the text: a deadline as the day or the moment that it means, versions, links and the like. */
export function Entities({ entities }: { entities: Entity[] }) {
  const { t } = useTranslation('messages');
  const words = useDeadlineWords();
  const distinct = entities.filter((one, i) => entities.findIndex((other) => other.kind === one.kind && other.text === one.text) === i);
  return (
    <section aria-label={t('named')}>
      <h3 className="mb-2 text-xs font-semibold text-muted">{t('named')}</h3>
      <ul className="flex flex-wrap gap-2">
        {distinct.map((entity) => (
          <li key={entity.kind + entity.text} className="max-w-full">
            <Badge tone={entity.date?.is_deadline ? 'warning' : 'neutral'} className="h-auto max-w-full whitespace-normal">
              <span className="font-normal">{t(`entity.${kindOf(entity)}`)}</span>
              <bdi className="break-all">{entity.text}</bdi>
              {entity.date ? <span>= {words(entity.date.to).exact}</span> : null}
            </Badge>
          </li>
        ))}
      </ul>
    </section>
  );
}
