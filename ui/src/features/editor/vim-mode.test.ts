import { afterEach, expect, it } from 'vitest';
import { changesMode } from './vim-mode';

afterEach(() => document.body.replaceChildren());

function press(mode: string | null, init: KeyboardEventInit, inside = true): boolean {
  const editor = document.createElement('div');
  const status = document.createElement('div');
  const other = document.createElement('div');
  editor.className = 'code-editor';
  status.dataset.testid = 'editor-mode';
  if (mode !== null) status.dataset.mode = mode;
  document.body.append(editor, status, other);
  let answer = false;
  window.addEventListener('keydown', (event) => (answer = changesMode(event)), { once: true });
  (inside ? editor : other).dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, ...init }));
  return answer;
}

it.each<[string | null, KeyboardEventInit, boolean]>([
  ['insert', { key: 'Escape' }, true],
  ['visual', { key: 'Escape' }, true],
  ['normal', { key: 'Escape' }, false],
  ['normal', { key: 'i' }, true],
  ['insert', { key: 'i' }, false],
  ['normal', { key: 'i', ctrlKey: true }, false],
  [null, { key: 'Escape' }, false],
  [null, { key: 'i' }, false],
])('in mode %s %j only changes the mode: %s', (mode, init, want) => {
  expect(press(mode, init)).toBe(want);
});

it('leaves keys outside of the editor alone', () => {
  expect(press('insert', { key: 'Escape' }, false)).toBe(false);
});
