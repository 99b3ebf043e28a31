import type { RouteObject } from 'react-router';

import { LoadingBlock } from '@/components/states';

import { NotFound, RouteFault } from '@/components/fault';
import { Shell } from './shell/shell';

/** Every page is a chunk of its own; the shell and what lists need are in the first. */
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
          { index: true, lazy: async () => ({ Component: (await import('@/features/dashboard/dashboard-page')).DashboardPage }) },
          { path: 'messages', lazy: async () => ({ Component: (await import('@/features/messages/messages-page')).MessagesPage }) },
          { path: 'tasks', lazy: async () => ({ Component: (await import('@/features/tasks/tasks-page')).TasksPage }) },
          { path: 'tasks/:id', lazy: async () => ({ Component: (await import('@/features/tasks/task-page')).TaskPage }) },
          { path: 'review', lazy: async () => ({ Component: (await import('@/features/review/review-page')).ReviewPage }) },
          { path: 'analytics', lazy: async () => ({ Component: (await import('@/features/analytics/analytics-page')).AnalyticsPage }) },
          { path: 'status', lazy: async () => ({ Component: (await import('@/features/status/status-page')).StatusPage }) },
          { path: 'settings/:tab?', lazy: async () => ({ Component: (await import('@/features/settings/settings-page')).SettingsPage }) },
          { path: '*', Component: NotFound },
        ],
      },
    ],
  },
];
