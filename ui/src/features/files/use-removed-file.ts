import { useEffect, useRef, useState } from 'react';
import type { FileInfo } from '../../sync/files';

/** How long a deletion can be undone from the page, in milliseconds. */
const UNDO_MS = 15_000;

/** useRemovedFile notices that somebody deleted a file, and forgets the file after a while. */
export function useRemovedFile(files: readonly FileInfo[]): {
  removed: FileInfo | null;
  dismiss: () => void;
} {
  const before = useRef(files);
  const [removed, setRemoved] = useState<FileInfo | null>(null);
  useEffect(() => {
    const gone = before.current.filter((old) => !files.some((file) => file.id === old.id));
    const last = gone.at(-1);
    if (last) setRemoved(last);
    else setRemoved((now) => (now && files.some((file) => file.id === now.id) ? null : now));
    before.current = files;
  }, [files]);
  useEffect(() => {
    if (!removed) return undefined;
    const timer = setTimeout(() => setRemoved(null), UNDO_MS);
    return () => clearTimeout(timer);
  }, [removed]);
  return { removed, dismiss: () => setRemoved(null) };
}
