import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, it } from 'vitest';

import { Input } from '@/components/ui/input';

import { firstCharacters } from './characters';

function Controlled() {
  const [text, setText] = useState('');
  return (
    <>
      <Input aria-label="kept" maxLength={5} value={text} onChange={(event) => setText(event.target.value)} />
      <output>{text}</output>
    </>
  );
}

it('a field takes as many characters as the server, and leaves out what was put in too much, not what stood there', async () => {
  const user = userEvent.setup({ delay: null });
  render(<Controlled />);
  const field = screen.getByLabelText('kept');
  await user.click(field);
  await user.paste('🚀🚀🚀🚀');
  await user.keyboard('ab');
  expect(field).toHaveValue('🚀🚀🚀🚀a');
  await user.type(field, 'xyz', { initialSelectionStart: 2, initialSelectionEnd: 2 });
  expect(field).toHaveValue('🚀🚀🚀🚀a');
  expect(screen.getByRole('status')).toHaveTextContent('🚀🚀🚀🚀a');
  await user.clear(field);
  await user.paste('🚀🚀🚀🚀🚀🚀');
  expect(screen.getByRole('status')).toHaveTextContent('🚀🚀🚀🚀🚀');
});

it('no character is cut in half', () => {
  expect(firstCharacters('a🚀b', 2)).toBe('a🚀');
  expect(firstCharacters('abc', 3)).toBe('abc');
});
