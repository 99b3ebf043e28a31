import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { startI18n } from '@/i18n/i18n';

import { DateField } from './date-field';

afterEach(() => startI18n('en'));

let days: string[];
beforeEach(() => {
  days = [];
});

function Field({ initial = '', max, required = false }: { initial?: string; max?: string; required?: boolean }) {
  const [day, setDay] = useState(initial);
  return (
    <>
      <label htmlFor="day">Day</label>
      <DateField
        id="day"
        value={day}
        max={max}
        required={required}
        onChange={(next) => {
          days.push(next);
          setDay(next);
        }}
      />
    </>
  );
}

const field = () => screen.getByRole('textbox', { name: 'Day' });

describe('a field for a day', () => {
  it('takes what is typed when it is left, and says what it cannot take', async () => {
    const user = userEvent.setup();
    render(<Field initial="2026-03-02" max="2026-12-31" />);
    expect(field()).toHaveValue('02/03/2026');
    await user.clear(field());
    await user.type(field(), '31/12/2026{Enter}');
    await user.clear(field());
    await user.type(field(), '31/02/2026');
    await user.tab();
    expect(screen.getByRole('alert')).toHaveTextContent('There is no such day');
    expect(field()).toHaveAccessibleDescription(/There is no such day/);
    await user.clear(field());
    await user.type(field(), '1.1.2027{Enter}');
    expect(screen.getByRole('alert')).toHaveTextContent('Choose 31/12/2026 or a day before it');
    await user.clear(field());
    await user.tab();
    expect(days).toEqual(['2026-12-31', '']);
  });

  it('goes day by day with the arrows, not past the last', async () => {
    const user = userEvent.setup();
    render(<Field initial="2026-03-29" max="2026-03-30" required />);
    await user.type(field(), '{ArrowUp}{ArrowUp}{ArrowDown}{ArrowDown}');
    expect(days).toEqual(['2026-03-30', '2026-03-29', '2026-03-28']);
  });

  it('has a calendar in the language of the page, which keys serve', async () => {
    await startI18n('uk');
    const user = userEvent.setup();
    render(<Field initial="2026-03-02" max="2026-03-20" />);
    expect(field()).toHaveValue('02.03.2026');
    await user.type(field(), '{Alt>}{ArrowDown}{/Alt}');
    const grid = await screen.findByRole('grid', { name: /березень 2026/ });
    expect(within(grid).getAllByRole('columnheader', { hidden: true }).map((head) => head.textContent)[0]).toBe('пн');
    expect(await screen.findByRole('button', { name: /понеділок, 2 березня 2026.*, вибрано/ })).toHaveFocus();
    expect(screen.getByRole('button', { name: /21 березня 2026/ })).toBeDisabled();
    await user.keyboard('{ArrowDown}{ArrowRight}{Enter}');
    expect(days).toEqual(['2026-03-10']);
    expect(screen.queryByRole('grid')).not.toBeInTheDocument();
  });
});
