import { useEffect } from 'react';
import { TEXTS } from '../lib/texts';

/** useTitle names the browser's tab. */
export function useTitle(title?: string): void {
  useEffect(() => {
    document.title = title ? `${title} · ${TEXTS.appName}` : TEXTS.appName;
  }, [title]);
}
