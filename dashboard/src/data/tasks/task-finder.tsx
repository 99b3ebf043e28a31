import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { StatusChip } from '@/components/chips';
import { ChangeButton } from '@/components/guarded';
import { useErrorText } from '@/components/states';
import { Input } from '@/components/ui/input';
import { Label } from '@/components/ui/label';
import { api, unwrap, type Task } from '@/lib/api';
import { keys } from '@/lib/query-keys';
import { useCanChange } from '@/live/live';

interface Props {
  /** What the button of each task does, in short and with the task's title. */
  act: string;
  actOn: (title: string) => string;
  busy: boolean;
  onPick: (task: Task) => void;
}

/** Finds a task to which messages may be added, by its words or its number. Takes the focus: who asked for it types on. */
export function TaskFinder({ act, actOn, busy, onPick }: Props) {
  const { t } = useTranslation('tasks');
  const errorText = useErrorText();
  const id = useId();
  const canChange = useCanChange();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const [text, setText] = useState('');
  const find = useDeferredValue(text.trim());
  const number = /^#?([1-9]\d{0,15})$/.exec(find)?.[1];
  const query = { limit: 8, ...(find && !number ? { q: find } : {}) };
  const tasks = useQuery({
    queryKey: [...keys.tasks.all, 'find', number ?? query],
    queryFn: ({ signal }) =>
      number ? unwrap(api.GET('/api/tasks/{id}', { params: { path: { id: Number(number) } }, signal })).then((task) => [task]) : unwrap(api.GET('/api/tasks', { params: { query }, signal })),
    retry: false,
  });
  const fitting = (tasks.data ?? []).filter(({ category, duplicate_of_id }) => category !== 'summary' && duplicate_of_id === null);
  /** Enter takes the only one that is found. */
  const take = () => {
    const [only, ...others] = fitting;
    if (find && find === text.trim() && !tasks.isFetching && only && others.length === 0 && canChange && !busy) onPick(only);
  };
  return (
    <>
      <div className="flex flex-col gap-1">
        <Label htmlFor={id}>{t('find.label')}</Label>
        <Input ref={field} id={id} maxLength={200} autoComplete="off" value={text} onChange={(event) => setText(event.target.value)} onKeyDown={(event) => event.key === 'Enter' && take()} />
      </div>
      <ul aria-label={t('find.found')} className="divide-y divide-border">
        {fitting.map((task) => (
          <li key={task.id} className="flex min-h-11 items-center gap-2 py-1 text-sm">
            <span dir="auto" className="line-clamp-3 min-w-0 flex-1 [overflow-wrap:anywhere]">
              #{task.id} {task.title}
            </span>
            <StatusChip status={task.status} className="max-sm:hidden" />
            <ChangeButton size="sm" className="shrink-0" disabled={busy} aria-label={actOn(task.title)} onClick={() => onPick(task)}>
              {act}
            </ChangeButton>
          </li>
        ))}
      </ul>
      <p role="status" className="text-xs text-muted">
        {tasks.error ? errorText(tasks.error) : tasks.data && fitting.length === 0 ? t('find.none') : ''}
      </p>
    </>
  );
}
