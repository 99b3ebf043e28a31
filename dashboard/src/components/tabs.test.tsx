import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';

import { Tabs, TabsList, TabsTrigger } from './ui/tabs';

it('a tab that is pressed is told of once, so that going back takes one step', async () => {
  const told = vi.fn();
  render(
    // The address changes a moment later.
    <Tabs value="one" onValueChange={told}>
      <TabsList>
        <TabsTrigger value="one">One</TabsTrigger>
        <TabsTrigger value="two">Two</TabsTrigger>
      </TabsList>
    </Tabs>,
  );
  await userEvent.click(screen.getByRole('tab', { name: 'Two' }));
  expect(told.mock.calls).toEqual([['two']]);
});
