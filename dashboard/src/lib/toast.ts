import type { ExternalToast } from 'sonner';

let wanted = false;
let listener: (() => void) | null = null;

/** Says something at the edge of the page. What shows it is loaded with the first toast, not with the page. */
export const toast = {
  success: (text: string, options?: ExternalToast) => show('success', text, options),
  error: (text: string, options?: ExternalToast) => show('error', text, options),
};

function show(kind: 'success' | 'error', text: string, options: ExternalToast | undefined): void {
  wanted = true;
  listener?.();
  // sonner keeps what comes before its place on the page is there.
  void import('sonner').then(({ toast: shown }) => shown[kind](text, options));
}

/** For the place where toasts appear: called when there is something to show. */
export function onFirstToast(run: () => void): () => void {
  listener = run;
  if (wanted) run();
  return () => {
    listener = null;
  };
}
