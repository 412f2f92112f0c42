import type { monaco } from './monaco';
import type { UndoSteps } from './undo-steps';

type Editor = monaco.editor.IStandaloneCodeEditor;

/** The part of monaco-vim's adapter that is used here. Its own types leave most of it open. */
interface VimAdapter {
  on: (event: string, listener: (detail: { mode?: string } | undefined) => void) => void;
  dispose: () => void;
  state: { vim?: { insertMode?: boolean } };
}

/**
 * startVim gives the editor the keys of Vim. A command is one step of undo, and so is all that is
 * typed between entering and leaving insert mode, together with the command that entered it: `cw`,
 * `o`, `3ihello`.
 */
export async function startVim(editor: Editor, status: HTMLElement, steps: UndoSteps): Promise<() => void> {
  const { initVimMode } = await import('monaco-vim');
  const vim = initVimMode(editor as never, status) as unknown as VimAdapter;
  steps.byCommand(true);
  status.dataset.mode = 'normal';
  vim.on('vim-mode-change', (change) => {
    if (change?.mode === 'insert' || change?.mode === 'replace') steps.hold();
    else steps.release();
    // Between the modes a key of its own leads: that is not yet an action in the text.
    status.dataset.mode = change?.mode ?? 'normal';
  });
  // This event comes before a command does anything, and in insert mode for every key.
  vim.on('vim-command-done', () => {
    if (!vim.state.vim?.insertMode) steps.end();
  });
  return () => {
    steps.byCommand(false);
    steps.release();
    delete status.dataset.mode;
    vim.dispose();
  };
}
