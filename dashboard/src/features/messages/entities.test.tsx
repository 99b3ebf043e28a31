import { render, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { messageDetail } from '@/testing/factory';

import { Entities } from './entities';

describe('what the text names', () => {
  it('is listed once each, a deadline with the moment that it means', () => {
    const { entities } = messageDetail({
      entities: [
        { kind: 'version', text: 'v2.14.1', value: '2.14.1', date: null },
        { kind: 'version', text: 'v2.14.1', value: '2.14.1', date: null },
        { kind: 'date', text: 'by 18:00', value: '', date: { from: '2026-03-02T16:00:00Z', to: '2026-03-02T16:00:00Z', precision: 'time', is_deadline: true } },
      ],
    });
    render(<Entities entities={entities} />);
    const items = within(screen.getByRole('region', { name: 'Read in the text' })).getAllByRole('listitem');
    expect(items.map((item) => item.textContent)).toEqual(['versionv2.14.1', expect.stringMatching(/^deadlineby 18:00= .*18:00/)]);
  });
});
