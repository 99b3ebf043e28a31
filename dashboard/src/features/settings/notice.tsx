export { Notice } from '@/components/notice';

/** What the server says is wrong and what mends it. Its sentences are English whatever the page's language. */
export function CauseAndFix({ cause, fix }: { cause: string | null | undefined; fix: string | null | undefined }) {
  if (!cause && !fix) return null;
  return (
    <span lang="en" className="block space-y-0.5">
      {cause ? <span className="block break-words">{cause}</span> : null}
      {fix ? <span className="block break-words">{fix}</span> : null}
    </span>
  );
}
