import { act, render, screen, waitFor } from '@testing-library/react';
import { expect, it, vi } from 'vitest';

import { Toaster } from '@/components/ui/toaster';

import { toast } from './toast';

it('of several acts that can be taken back only the last is offered', async () => {
  render(<Toaster />);
  const undo = [vi.fn(), vi.fn(), vi.fn()];
  act(() => {
    undo.forEach((onClick, i) => toast.success(`Changed: ${i}`, { duration: 10_000, action: { label: 'Undo', onClick } }));
    toast.success('Copied');
  });
  await screen.findByText('Changed: 2');
  await waitFor(() => expect(screen.getAllByRole('button', { name: 'Undo' })).toHaveLength(1));
  expect(screen.getByText('Copied')).toBeInTheDocument();
  act(() => screen.getByRole('button', { name: 'Undo' }).click());
  expect(undo.map(({ mock }) => mock.calls.length)).toEqual([0, 0, 1]);
});
