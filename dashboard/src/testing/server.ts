import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';

/** Answers the API in tests; each test says what, with `server.use`. */
export const server = setupServer(
  // Every page with a deadline asks for the zone of the chats; a test of deadlines answers with another.
  // The rail counts them.
  http.get('*/api/proposals', () => HttpResponse.json([])),
  // The command palette lists them.
  http.get('*/api/views', () => HttpResponse.json([])),
  http.get('*/api/config', () => HttpResponse.json({ wsUrl: 'ws://localhost/ws', apiBaseUrl: 'http://localhost', chatTimeZone: null })),
);

/** Requests that nothing answered; setup.ts fails the test that made them. */
export const unhandled: string[] = [];
