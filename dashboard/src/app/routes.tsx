import type { ComponentType } from 'react';
import type { RouteObject } from 'react-router';

import { NotFound, RouteFault } from '@/components/fault';
import { LoadingBlock } from '@/components/states';
import { early } from '@/lib/part';

import { Shell } from './shell/shell';

function page(load: () => Promise<ComponentType>) {
  const fetched = early(load);
  return async () => ({ Component: await fetched() });
}

/** Every page is a chunk of its own, fetched early enough to open with the connection lost; the shell and what lists need are in the first. */
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
          { index: true, lazy: page(async () => (await import('@/features/dashboard/dashboard-page')).DashboardPage) },
          { path: 'messages', lazy: page(async () => (await import('@/features/messages/messages-page')).MessagesPage) },
          { path: 'tasks', lazy: page(async () => (await import('@/features/tasks/tasks-page')).TasksPage) },
          { path: 'tasks/:id', lazy: page(async () => (await import('@/features/tasks/task-page')).TaskPage) },
          { path: 'review', lazy: page(async () => (await import('@/features/review/review-page')).ReviewPage) },
          { path: 'analytics', lazy: page(async () => (await import('@/features/analytics/analytics-page')).AnalyticsPage) },
          { path: 'status', lazy: page(async () => (await import('@/features/status/status-page')).StatusPage) },
          { path: 'settings/:tab?', lazy: page(async () => (await import('@/features/settings/settings-page')).SettingsPage) },
          { path: '*', Component: NotFound },
        ],
      },
    ],
  },
];
