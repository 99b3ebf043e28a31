import { Activity, ChartColumn, Inbox, LayoutDashboard, ListChecks, Settings, SunMedium, type LucideIcon } from 'lucide-react';

export interface PageEntry {
  key: 'dashboard' | 'messages' | 'tasks' | 'review' | 'analytics' | 'status' | 'settings';
  path: string;
  icon: LucideIcon;
  /** g, then this letter. */
  letter: string;
}

export const pages: readonly PageEntry[] = [
  { key: 'dashboard', path: '/', icon: LayoutDashboard, letter: 'd' },
  { key: 'messages', path: '/messages', icon: Inbox, letter: 'm' },
  { key: 'tasks', path: '/tasks', icon: ListChecks, letter: 't' },
  { key: 'review', path: '/review', icon: SunMedium, letter: 'r' },
  { key: 'analytics', path: '/analytics', icon: ChartColumn, letter: 'a' },
  { key: 'status', path: '/status', icon: Activity, letter: 'y' },
  { key: 'settings', path: '/settings', icon: Settings, letter: 's' },
];
