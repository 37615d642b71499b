import { useEffect } from 'react';

/** The title of the browser's tab; never patient data, for it stays in the history. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Situs`;
  }, [title]);
}
