import { Fragment } from 'react';

/** An address of the web, without the marks that end a sentence. */
const address = /https?:\/\/[^\s<>"'«»]*[^\s<>"'«».,:;!?)\]}…]/giu;

/** Text whose addresses lead there: those of http and https alone, and without saying where from. */
export function Linked({ text }: { text: string }) {
  const found = [...text.matchAll(address)];
  if (found.length === 0) return text;
  return (
    <>
      {found.map(({ 0: url, index }, i) => {
        const before = found[i - 1];
        return (
          <Fragment key={index}>
            {text.slice(before ? before.index + before[0].length : 0, index)}
            <a href={url} target="_blank" rel="noreferrer" className="break-all text-primary-text underline underline-offset-2">
              {url}
            </a>
          </Fragment>
        );
      })}
      {text.slice((found.at(-1)?.index ?? 0) + (found.at(-1)?.[0].length ?? 0))}
    </>
  );
}
