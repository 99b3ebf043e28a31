import { useState } from 'react';

import { cn } from '@/lib/cn';
import { initials } from '@/lib/format';

const tones = [
  'bg-primary-soft text-primary-text',
  'bg-success-soft text-success',
  'bg-warning-soft text-warning',
  'bg-danger-soft text-danger',
  'bg-info-soft text-info',
  'bg-violet-soft text-violet',
];

/** The same name has the same tone everywhere. */
function tone(name: string): string {
  let hash = 0;
  for (const letter of name) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return tones[hash % tones.length] ?? '';
}

/** A path of our own server, or null: nothing is loaded from any other host. */
export function ownPath(url: string | null): string | null {
  return url && url.startsWith('/') && !url.startsWith('//') ? url : null;
}

const sizes = { sm: 'size-5 text-[0.5625rem]', md: 'size-7 text-2xs', lg: 'size-9 text-xs' };

interface AvatarProps {
  name: string;
  url?: string | null;
  size?: keyof typeof sizes;
  className?: string;
}

/** Beside the name, so it says nothing itself. Our initials stand under the picture until it is there. */
export function Avatar({ name, url = null, size = 'md', className }: AvatarProps) {
  const path = ownPath(url);
  // The server draws initials itself where it has no picture (`?initials=`); ours follow the theme.
  const picture = path && !path.includes('initials=') ? path : null;
  const [failed, setFailed] = useState<string | null>(null);
  return (
    <span aria-hidden className={cn('relative inline-flex shrink-0 items-center justify-center overflow-hidden rounded-full font-semibold select-none', sizes[size], tone(name), className)}>
      {initials(name)}
      {picture && failed !== picture ? (
        <img src={picture} alt="" loading="lazy" decoding="async" className="absolute inset-0 size-full object-cover" onError={() => setFailed(picture)} />
      ) : null}
    </span>
  );
}
