import { describe, expect, it, vi } from 'vitest';
import { replayKeys } from './replay-keys';

function keys() {
  return {
    toggle: vi.fn(),
    step: vi.fn(),
    seekBy: vi.fn(),
    seekTo: vi.fn(),
    mark: vi.fn(),
    nextRun: vi.fn(),
    follow: vi.fn(),
  };
}

/** Presses a key in a piece of a page; the last element is its target. */
function press(html: string, init: KeyboardEventInit) {
  document.body.innerHTML = html;
  const done = keys();
  const target = document.querySelector('.here') ?? document.body;
  let used = false;
  const listen = (event: Event) => {
    used = replayKeys(event as KeyboardEvent, done);
  };
  window.addEventListener('keydown', listen);
  target.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }));
  window.removeEventListener('keydown', listen);
  return { ...done, used };
}

describe('replayKeys', () => {
  it('plays, walks, leaps, and goes to marks and parts', () => {
    expect(press('', { key: ' ' }).toggle).toHaveBeenCalled();
    expect(press('', { key: 'ArrowLeft' }).step).toHaveBeenCalledWith(-1);
    expect(press('', { key: 'ArrowRight' }).step).toHaveBeenCalledWith(1);
    expect(press('', { key: 'ArrowRight', shiftKey: true }).seekBy).toHaveBeenCalledWith(10_000);
    expect(press('', { key: 'ArrowLeft', shiftKey: true }).seekBy).toHaveBeenCalledWith(-10_000);
    expect(press('', { key: ',' }).mark).toHaveBeenCalledWith(-1);
    expect(press('', { key: '.' }).mark).toHaveBeenCalledWith(1);
    expect(press('', { key: 'r' }).nextRun).toHaveBeenCalled();
    expect(press('', { key: 'f' }).follow).toHaveBeenCalled();
    expect(press('', { key: '7' }).seekTo).toHaveBeenCalledWith(0.7);
    expect(press('', { key: 'Home' }).seekTo).toHaveBeenCalledWith(0);
    expect(press('', { key: 'End' }).seekTo).toHaveBeenCalledWith(1);
  });

  it('leaves keys to fields, buttons, tabs, dialogs and the browser', () => {
    expect(press('<input class="here">', { key: ' ' }).used).toBe(false);
    expect(press('<button class="here"></button>', { key: ' ' }).used).toBe(false);
    expect(press('<div role="tab" class="here"></div>', { key: 'ArrowRight' }).used).toBe(false);
    expect(press('<div role="dialog"><p class="here"></p></div>', { key: 'r' }).used).toBe(false);
    expect(press('', { key: 'r', ctrlKey: true }).used).toBe(false);
    expect(press('', { key: 'x' }).used).toBe(false);
  });

  it('takes letters, but no arrows, from the read-only editor', () => {
    const editor = '<div class="monaco-editor"><textarea class="here"></textarea></div>';
    expect(press(editor, { key: ' ' }).toggle).toHaveBeenCalled();
    expect(press(editor, { key: 'ArrowLeft' }).used).toBe(false);
    expect(press(`<div role="dialog">${editor}</div>`, { key: ' ' }).used).toBe(false);
  });
});
