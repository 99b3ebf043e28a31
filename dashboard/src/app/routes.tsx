import type { ComponentType } from 'react';
import type { RouteObject } from 'react-router';

import { NotFound, RouteFault } from '@/components/fault';
import { LoadingBlock } from '@/components/states';
import { loadTexts, type Texts } from '@/i18n/i18n';
import { early } from '@/lib/part';

import pageTexts from './page-texts.json';
import { Shell } from './shell/shell';

function page(name: keyof typeof pageTexts, load: () => Promise<ComponentType>) {
  const fetched = early(async () => {
    const [Component] = await Promise.all([load(), loadTexts(pageTexts[name] as Texts[])]);
    return Component;
  });
  return async () => ({ Component: await fetched() });
}

/**
 * Every page is a chunk of its own, fetched with its texts early enough to open with the connection lost; the shell and what lists need
 * are in the first.
 */
export const routes: RouteObject[] = [
  {
    element: <Shell />,
    ErrorBoundary: RouteFault,
    HydrateFallback: () => <LoadingBlock className="h-full" />,
    children: [
      {
        // A fault of one page leaves the shell standing.
        ErrorBoundary: RouteFault,
        children: [
          { index: true, lazy: page('dashboard', async () => (await import('@/features/dashboard/dashboard-page')).DashboardPage) },
          { path: 'messages', lazy: page('messages', async () => (await import('@/features/messages/messages-page')).MessagesPage) },
          { path: 'tasks', lazy: page('tasks', async () => (await import('@/features/tasks/tasks-page')).TasksPage) },
          { path: 'tasks/:id', lazy: page('task', async () => (await import('@/features/tasks/task-page')).TaskPage) },
          { path: 'review', lazy: page('review', async () => (await import('@/features/review/review-page')).ReviewPage) },
          { path: 'analytics', lazy: page('analytics', async () => (await import('@/features/analytics/analytics-page')).AnalyticsPage) },
          { path: 'status', lazy: page('status', async () => (await import('@/features/status/status-page')).StatusPage) },
          { path: 'settings/:tab?', lazy: page('settings', async () => (await import('@/features/settings/settings-page')).SettingsPage) },
          { path: '*', Component: NotFound },
        ],
      },
    ],
  },
];
