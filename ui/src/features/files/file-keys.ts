import type { KeyboardEvent } from 'react';
import type { FileInfo } from '../../sync/files';
import { tabId } from './ids';

export interface FileActions {
  open: (id: string) => void;
  rename: (id: string) => void;
  move: (id: string, by: -1 | 1) => void;
  remove: (id: string) => void;
}

/**
 * fileKeys are the keys of the list of tabs, and the keys that change files for people who may
 * write.
 */
export function fileKeys(files: readonly FileInfo[], actions: FileActions, writes: boolean) {
  return (event: KeyboardEvent, id: string): void => {
    const at = files.findIndex((file) => file.id === id);
    const goTo = (index: number) => {
      const next = files[(index + files.length) % files.length];
      if (!next) return;
      actions.open(next.id);
      document.getElementById(tabId(next.id))?.focus();
    };
    const sideways: Partial<Record<string, -1 | 1>> = { ArrowLeft: -1, ArrowRight: 1 };
    const by = sideways[event.key];
    const change = event.altKey ? writes : true;
    if (event.ctrlKey || event.metaKey || event.shiftKey || !change) return;
    if (by && event.altKey) actions.move(id, by);
    else if (by) goTo(at + by);
    else if (event.key === 'Home') goTo(0);
    else if (event.key === 'End') goTo(-1);
    else if (event.key === 'F2' && writes) actions.rename(id);
    else if (event.key === 'Delete' && writes) actions.remove(id);
    else return;
    event.preventDefault();
  };
}
