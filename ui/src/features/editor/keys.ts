import type { Preferences } from '../../lib/preferences';
import type { monaco } from './monaco';

type Editor = monaco.editor.IStandaloneCodeEditor;

/** KeysHandle takes the keys of another editor away again. */
export interface KeysHandle {
  dispose: () => void;
}

/**
 * installKeys gives the editor the keys that a person is used to. What they need is loaded only then; should that
 * fail, the keys stay as they are. `status` is where a mode shows itself and asks for its commands.
 */
export function installKeys(keys: Preferences['keys'], editor: Editor, status: HTMLElement): KeysHandle {
  let disposed = false;
  let handle: KeysHandle | null = null;
  const start = async () => {
    if (keys === 'default') return;
    const made = keys === 'vim' ? await startVim(editor, status) : await startEmacs(editor, status);
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

async function startVim(editor: Editor, status: HTMLElement): Promise<KeysHandle> {
  const { initVimMode } = await import('monaco-vim');
  const vim = initVimMode(editor as never, status);
  return { dispose: () => vim.dispose() };
}

async function startEmacs(editor: Editor, status: HTMLElement): Promise<KeysHandle> {
  const { EmacsKeys } = await import('./emacs-keys');
  return new EmacsKeys(editor, status);
}
