import { setupServer } from 'msw/node';

/** Answers the API in tests; each test says what, with `server.use`. */
export const server = setupServer();

/** Requests that nothing answered; setup.ts fails the test that made them. */
export const unhandled: string[] = [];
