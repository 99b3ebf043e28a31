import { zodResolver } from '@hookform/resolvers/zod';
import { useEffect, useId, useState } from 'react';
import { Controller, useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { z } from '@/lib/zod';

import { CategoryPicker, PriorityPicker } from '@/components/pickers';
import { ChangeButton } from '@/components/guarded';
import { useSaid } from '@/components/said';
import { useErrorText } from '@/components/states';
import { Button } from '@/components/ui/button';
import { DialogBody, DialogClose, DialogFooter } from '@/components/ui/dialog';
import { Input } from '@/components/ui/input';
import { Label } from '@/components/ui/label';
import { Textarea } from '@/components/ui/textarea';
import { ApiError, type Task, type TaskCreate } from '@/lib/api';
import { countCharacters } from '@/lib/characters';
import { keepDraft, readDraft } from '@/lib/drafts';
import { CATEGORIES, PRIORITIES } from '@/lib/task-values';

import { useCreateTask } from './mutations';

/** As TaskCreate of proto/openapi.yaml; messages are keys of the texts. */
const schema = z.object({
  title: z
    .string()
    .refine((title) => countCharacters(title) <= 200, 'titleTooLong')
    .regex(/[^\p{Z}\p{Cc}\p{Cf}]/u, 'titleMissing'),
  description: z.string().refine((description) => countCharacters(description) <= 65536, 'descriptionTooLong'),
  category: z.enum(CATEGORIES),
  priority: z.enum(PRIORITIES),
});
type Values = z.infer<typeof schema>;
/** What was typed need not be fit to be sent. */
const draftSchema = schema.extend({ title: z.string(), description: z.string() });

function readValues(key: string): Values | undefined {
  try {
    return draftSchema.safeParse(JSON.parse(readDraft(key) ?? 'null')).data;
  } catch {
    return undefined;
  }
}
type Fault = 'titleMissing' | 'titleTooLong' | 'descriptionTooLong';

/** What was typed stays while the server refuses it, and where the dialog was left without a word. */
export function TaskForm({ initial, onCreated }: { initial: Partial<TaskCreate> | undefined; onCreated: (task: Task) => void }) {
  const { t } = useTranslation(['tasks', 'common']);
  const create = useCreateTask();
  const errorText = useErrorText();
  const said = useSaid();
  const id = useId();
  const draft = `newTask.${initial?.source_message_ids?.join() ?? ''}`;
  const [typed] = useState(() => readValues(draft));
  const form = useForm<Values>({
    resolver: zodResolver(schema),
    defaultValues: typed ?? { title: initial?.title ?? '', description: initial?.description ?? '', category: initial?.category ?? 'bug', priority: initial?.priority ?? 'medium' },
  });
  useEffect(() => {
    const { unsubscribe } = form.watch((values) => keepDraft(draft, JSON.stringify(values)));
    return unsubscribe;
  }, [form, draft]);
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async (values) => {
    try {
      const task = await create({ ...values, title: values.title.trim(), source: initial?.source ?? 'dashboard', source_message_ids: initial?.source_message_ids ?? [] });
      keepDraft(draft, null);
      onCreated(task);
    } catch (error) {
      const faults = error instanceof ApiError ? error.faults : [];
      for (const { loc, msg, clauses } of faults) {
        const field = loc[1];
        const { text: message } = said(msg, clauses);
        if (field === 'title' || field === 'description') form.setError(field, { message });
        else form.setError('root', { message });
      }
      if (faults.length === 0) form.setError('root', { message: errorText(error) });
    }
  });
  /** Ours are keys, the server's are sentences. */
  const say = (message: string | undefined) => (message && ['titleMissing', 'titleTooLong', 'descriptionTooLong'].includes(message) ? t(`create.${message as Fault}`) : message);
  return (
    <form
      className="flex min-h-0 flex-col"
      noValidate
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          void submit();
        }
      }}
    >
      <DialogBody className="space-y-4 pb-4">
        <div className="space-y-1.5">
          <Label htmlFor={`${id}title`}>{t('fields.title')}</Label>
          <Input id={`${id}title`} autoFocus autoComplete="off" aria-invalid={Boolean(errors.title)} aria-describedby={errors.title ? `${id}title-fault` : undefined} {...form.register('title')} />
          <FieldFault id={`${id}title-fault`} text={say(errors.title?.message)} />
        </div>
        <div className="space-y-1.5">
          <Label htmlFor={`${id}description`}>{t('fields.description')}</Label>
          <Textarea id={`${id}description`} rows={5} aria-invalid={Boolean(errors.description)} aria-describedby={errors.description ? `${id}description-fault` : undefined} {...form.register('description')} />
          <FieldFault id={`${id}description-fault`} text={say(errors.description?.message)} />
        </div>
        <div className="flex flex-wrap gap-2">
          <Controller control={form.control} name="category" render={({ field }) => <CategoryPicker value={field.value} onChange={field.onChange} variant="secondary" />} />
          <Controller control={form.control} name="priority" render={({ field }) => <PriorityPicker value={field.value} onChange={field.onChange} variant="secondary" />} />
        </div>
        {typed ? <p className="text-xs text-muted">{t('unsaved')}</p> : null}
        <FieldFault id={`${id}root-fault`} text={errors.root?.message} />
      </DialogBody>
      <DialogFooter>
        <DialogClose asChild>
          <Button variant="ghost" onClick={() => keepDraft(draft, null)}>
            {t('common:actions.cancel')}
          </Button>
        </DialogClose>
        <ChangeButton type="submit" variant="primary" disabled={isSubmitting}>
          {isSubmitting ? t('common:actions.saving') : t('create.submit')}
        </ChangeButton>
      </DialogFooter>
    </form>
  );
}

function FieldFault({ id, text }: { id: string; text: string | undefined }) {
  if (!text) return null;
  return (
    <p id={id} role="alert" className="text-xs text-danger">
      {text}
    </p>
  );
}
