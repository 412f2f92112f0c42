/** What the keys of the replay do. */
export interface ReplayKeys {
  toggle: () => void;
  step: (by: 1 | -1) => void;
  seekBy: (ms: number) => void;
  seekTo: (share: number) => void;
  mark: (direction: 1 | -1) => void;
  nextRun: () => void;
  follow: () => void;
}

/** Fields, and what has keys of its own. */
const TAKES_KEYS =
  'input, textarea, select, [contenteditable="true"], [role="menu"], [role="dialog"], [role="listbox"]';
const TAKES_ARROWS = '[role="tab"], [role="separator"], [role="region"], [role="log"], .monaco-editor';

/** Its editor is read only, so letters are free there; those of a dialog are not. */
const READ_ONLY = '.monaco-editor';

const LEAP_MS = 10_000;

/** replayKeys does what a key stands for. true: the key is used up. */
export function replayKeys(event: KeyboardEvent, keys: ReplayKeys): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false;
  const target = event.target instanceof Element ? event.target : null;
  const taking = target?.closest(TAKES_KEYS);
  const free = target?.closest(READ_ONLY) && !target.closest('[role="dialog"]');
  if (taking && !free) return false;
  if (event.key === ' ' && target?.closest('button, a')) return false;
  const moves = event.key.startsWith('Arrow') || event.key === 'Home' || event.key === 'End';
  if (moves && target?.closest(TAKES_ARROWS)) return false;
  return act(event, keys);
}

function act({ key, shiftKey }: KeyboardEvent, keys: ReplayKeys): boolean {
  if (/^[0-9]$/.test(key)) keys.seekTo(Number(key) / 10);
  else if (key === ' ') keys.toggle();
  else if (key === 'ArrowLeft' && shiftKey) keys.seekBy(-LEAP_MS);
  else if (key === 'ArrowLeft') keys.step(-1);
  else if (key === 'ArrowRight' && shiftKey) keys.seekBy(LEAP_MS);
  else if (key === 'ArrowRight') keys.step(1);
  else if (key === ',') keys.mark(-1);
  else if (key === '.') keys.mark(1);
  else if (key === 'r') keys.nextRun();
  else if (key === 'f') keys.follow();
  else if (key === 'Home') keys.seekTo(0);
  else if (key === 'End') keys.seekTo(1);
  else return false;
  return true;
}
