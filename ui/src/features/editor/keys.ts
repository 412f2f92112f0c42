import type { Preferences } from '../../lib/preferences';
import type { monaco } from './monaco';
import type { UndoSteps } from './undo-steps';

type Editor = monaco.editor.IStandaloneCodeEditor;

/** KeysHandle takes the keys of another editor away again. */
export interface KeysHandle {
  dispose: () => void;
}

/** KeysTarget is what keys work on. */
export interface KeysTarget {
  editor: Editor;
  /** Where a mode shows its state and asks for commands. */
  status: HTMLElement;
  steps: UndoSteps;
}

/**
 * installKeys gives the editor the keys that a person chose. Their code is loaded only then. When
 * the download fails, the keys stay as they are.
 */
export function installKeys(keys: Preferences['keys'], target: KeysTarget): KeysHandle {
  const { editor, status, steps } = target;
  let disposed = false;
  let handle: KeysHandle | null = null;
  const start = async () => {
    if (keys === 'default') return;
    const made = keys === 'vim' ? await startVim(editor, status, steps) : await startEmacs(editor, status);
    if (disposed) made.dispose();
    else handle = made;
  };
  start().catch(() => undefined);
  return {
    dispose: () => {
      disposed = true;
      handle?.dispose();
      status.replaceChildren();
    },
  };
}

async function startVim(editor: Editor, status: HTMLElement, steps: UndoSteps): Promise<KeysHandle> {
  const vim = await import('./vim-keys');
  return { dispose: await vim.startVim(editor, status, steps) };
}

async function startEmacs(editor: Editor, status: HTMLElement): Promise<KeysHandle> {
  const { EmacsKeys } = await import('./emacs-keys');
  return new EmacsKeys(editor, status);
}
