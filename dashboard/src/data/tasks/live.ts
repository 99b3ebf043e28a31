import type { QueryClient } from '@tanstack/react-query';

import type { Task } from '@/lib/api';
import { keys } from '@/lib/query-keys';
import type { LiveHandlers } from '@/live/live';

import { findTask, putTask } from './cache';

function receive(tasks: readonly Task[], cache: QueryClient): void {
  for (const task of tasks) {
    const known = findTask(cache, task.id);
    // What was loaded, or answered to our own change, may be newer than this event.
    if (known && known.updated_at > task.updated_at) continue;
    putTask(cache, task);
    void cache.invalidateQueries({ queryKey: keys.tasks.history(task.id) });
  }
}

export const tasksLive: LiveHandlers = {
  task_created: (frames, cache) => receive(frames.map((frame) => frame.data), cache),
  task_updated: (frames, cache) =>
    receive(
      frames.map(({ data: { changed: _changed, ...task } }) => task),
      cache,
    ),
};
