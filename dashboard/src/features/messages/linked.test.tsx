import { render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';

import { Linked } from './linked';

it('leads where addresses of the web point, and nowhere else', () => {
  const text = 'See https://example.com/a(b)?c=1, then (http://wiki.local/x). Not javascript:alert(1) nor ftp://x.y or https:// alone.';
  const { container } = render(<Linked text={text} />);
  expect(container).toHaveTextContent(text);
  expect(screen.getAllByRole('link').map((link) => link.getAttribute('href'))).toEqual(['https://example.com/a(b)?c=1', 'http://wiki.local/x']);
  expect(screen.getAllByRole('link').map((link) => link.getAttribute('rel'))).toEqual(['noreferrer', 'noreferrer']);
});
