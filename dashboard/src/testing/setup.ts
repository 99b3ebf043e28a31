import '@testing-library/jest-dom/vitest';

import { cleanup, configure } from '@testing-library/react';
import i18next from 'i18next';
import { toast } from 'sonner';
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';

import { forgetChatZone } from '@/data/deadlines';
import en from '@/i18n/en';
import { loadTexts, startI18n, type Texts } from '@/i18n/i18n';
import { setPreference } from '@/lib/preferences';

import { FakeSocket } from './fake-socket';
import { server, unhandled } from './server';

// A busy machine is slow, not wrong; and the whole page in a failure hides what failed.
configure({
  asyncUtilTimeout: 20_000,
  getElementError: (message) => Object.assign(new Error(message ?? ''), { name: 'TestingLibraryElementError' }),
});

beforeAll(async () => {
  server.listen({
    onUnhandledRequest: (request, print) => {
      unhandled.push(`${request.method} ${new URL(request.url).pathname}`);
      print.error();
    },
  });
  // A toast fades in once an effect has run, which a busy machine does later than it is found: here it is seen at once.
  document.head.appendChild(document.createElement('style')).textContent = '[data-sonner-toast] { opacity: 1 !important }';
  await startI18n('en');
  await loadTexts(Object.keys(en) as Texts[]); // all, so that no test waits for words
});

beforeEach(() => {
  FakeSocket.install();
});

afterEach(async () => {
  toast.getToasts().forEach(({ id }) => toast.dismiss(id));
  cleanup();
  // What a page does as it goes (giving the focus back) is done while there is one.
  await new Promise((done) => setTimeout(done));
  server.resetHandlers();
  FakeSocket.uninstall();
  localStorage.clear();
  sessionStorage.clear();
  setPreference('theme', 'system');
  setPreference('density', 'compact');
  forgetChatZone();
  if (i18next.language !== 'en') await startI18n('en');
  // A page that asks what no test has answered is a fault of one of the two.
  expect(unhandled.splice(0)).toEqual([]);
});

afterAll(() => server.close());

// What happy-dom lacks and a page needs: sizes, so that virtual lists show rows, and observers.
vi.stubGlobal(
  'ResizeObserver',
  class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
);
window.matchMedia ??= (media: string) =>
  ({ matches: false, media, addEventListener() {}, removeEventListener() {}, addListener() {}, removeListener() {}, dispatchEvent: () => false, onchange: null }) as MediaQueryList;
// As new browsers answer: with a promise, which an effect must not hand on as its clean-up.
const scroll: unknown = () => Promise.resolve();
Object.assign(Element.prototype, { scrollIntoView: scroll, scrollTo: scroll, scrollBy: scroll });
Element.prototype.hasPointerCapture = () => false;
Element.prototype.setPointerCapture = () => {};
Element.prototype.releasePointerCapture = () => {};
for (const [name, size] of [['offsetHeight', 800], ['offsetWidth', 1000], ['clientHeight', 800], ['clientWidth', 1000]] as const) {
  Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => size });
}
