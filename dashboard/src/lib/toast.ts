import type { ExternalToast } from 'sonner';

let wanted = false;
let listener: (() => void) | null = null;
let offers = 0;

/** Says something at the edge of the page. What shows it is loaded with the first toast, not with the page. */
export const toast = {
  success: (text: string, options?: ExternalToast) => show('success', text, options),
  error: (text: string, options?: ExternalToast) => show('error', text, options),
};

const offer = (n: number) => `offer-${n}`;

function show(kind: 'success' | 'error', text: string, options: ExternalToast | undefined): void {
  wanted = true;
  listener?.();
  // What can be taken back is the last act: of two offers that stand together nobody knows which is which.
  const own = options?.action ? ++offers : 0;
  // sonner keeps what comes before its place on the page is there.
  void import('sonner').then(({ toast: shown }) => {
    if (own) shown.dismiss(offer(own - 1));
    shown[kind](text, own ? { ...options, id: offer(own) } : options);
  });
}

/** For the place where toasts appear: called when there is something to show. */
export function onFirstToast(run: () => void): () => void {
  listener = run;
  if (wanted) run();
  return () => {
    listener = null;
  };
}
