const SELECTOR = '[data-testid="editor-mode"][data-mode]';

/**
 * changesMode says whether a key of Vim does no more than change the mode: it is not an action in
 * the text, and does not end following. Escape leaves a mode; in normal mode it is no key of Vim.
 */
export function changesMode(event: KeyboardEvent): boolean {
  const mode = document.querySelector<HTMLElement>(SELECTOR)?.dataset.mode;
  const inEditor = event.target instanceof Element && event.target.closest('.code-editor') !== null;
  if (mode === undefined || !inEditor || event.ctrlKey || event.altKey || event.metaKey) return false;
  return mode === 'normal' ? ['i', 'v', 'V', 'R'].includes(event.key) : event.key === 'Escape';
}
