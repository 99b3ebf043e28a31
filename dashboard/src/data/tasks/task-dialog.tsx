import { Suspense, useRef } from 'react';

import { part } from '@/lib/part';

import type { TaskDialogProps } from './task-dialog-content';

/** The dialog, its form and its checks are loaded when it is first opened. */
const TaskDialogContent = part(async () => (await import('./task-dialog-content')).TaskDialogContent);

/** Creates a task. */
export function TaskDialog(props: TaskDialogProps) {
  // Once it was open it stays, so that it can close in its own way and give the focus back.
  const opened = useRef(false);
  opened.current ||= props.open;
  if (!opened.current) return null;
  return (
    <Suspense fallback={null}>
      <TaskDialogContent {...props} />
    </Suspense>
  );
}
