import { render, screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';

import { forgetChatZone } from '@/data/deadlines';
import { messageDetail } from '@/testing/factory';
import { server } from '@/testing/server';

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

  it('is on the day that the team meant, wherever the reader is', async () => {
    forgetChatZone();
    server.use(http.get('*/api/config', () => HttpResponse.json({ chatTimeZone: 'Pacific/Honolulu' })));
    const { entities } = messageDetail({
      entities: [{ kind: 'date', text: 'by Friday', value: '', date: { from: '2026-12-04T10:00:00Z', to: '2026-12-05T09:59:59Z', precision: 'day', is_deadline: true } }],
    });
    render(<Entities entities={entities} />);
    expect(await screen.findByText(/^= Friday.*4 December/)).toBeVisible();
    forgetChatZone();
  });
});
