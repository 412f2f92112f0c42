import type { monaco } from './monaco';

type Editor = monaco.editor.IStandaloneCodeEditor;

/** Kills kept for yanking. */
const RING = 30;

/** Keys that wait for a second one. */
const PREFIXES = new Set(['C-x', 'M-g']);

/**
 * Movements, as commands of Monaco; each has a twin that ends in Select for while the mark is set.
 */
const MOVES: Record<string, string> = {
  'C-f': 'cursorRight',
  'C-b': 'cursorLeft',
  'C-n': 'cursorDown',
  'C-p': 'cursorUp',
  'C-a': 'cursorLineStart',
  'C-e': 'cursorLineEnd',
  'M-f': 'cursorWordEndRight',
  'M-b': 'cursorWordLeft',
  'C-v': 'cursorPageDown',
  'M-v': 'cursorPageUp',
  'M-<': 'cursorTop',
  'M->': 'cursorBottom',
};

/** Everything else that Monaco has a command for. */
const COMMANDS: Record<string, string> = {
  'C-d': 'deleteRight',
  'C-h': 'deleteLeft',
  'C-/': 'undo',
  'C-_': 'undo',
  'C-x u': 'undo',
  'C-x h': 'editor.action.selectAll',
  'C-s': 'actions.find',
  'C-r': 'actions.find',
  'C-t': 'editor.action.transposeLetters',
  'C-o': 'lineBreakInsert',
  'M-;': 'editor.action.commentLine',
  'M-g g': 'editor.action.gotoLine',
  'M-/': 'editor.action.triggerSuggest',
};

/** keyName writes a key as Emacs does: "C-x", "M-f", "C-SPC"; "" for one without Control or Alt. */
function keyName(event: Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'altKey' | 'metaKey'>): string {
  // Both together are AltGr, which types a character.
  if (event.metaKey || event.ctrlKey === event.altKey) return '';
  const { key, code } = event;
  // With Alt, a Mac types another character; then the place of the key counts.
  const plain = /^[\x20-\x7e]$/.test(key) ? key : (/^Key([A-Z])$/.exec(code)?.[1] ?? key).toLowerCase();
  const name = { ' ': 'SPC', '@': 'SPC', backspace: 'DEL', Backspace: 'DEL' }[plain] ?? plain;
  return `${event.ctrlKey ? 'C' : 'M'}-${name.length === 1 ? name.toLowerCase() : name}`;
}

/** EmacsKeys are the most used keys of Emacs: moving, killing and yanking, the mark, searching. */
export class EmacsKeys {
  readonly #editor: Editor;
  readonly #status: HTMLElement;
  readonly #listener: monaco.IDisposable;
  readonly #ring: string[] = [];
  #prefix = '';
  #marked = false;
  /** Whether the last command was a kill: the next one adds to it. */
  #killing = false;

  constructor(editor: Editor, status: HTMLElement) {
    this.#editor = editor;
    this.#status = status;
    this.#listener = editor.onKeyDown((event) => {
      if (!this.#press(event.browserEvent)) return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  dispose(): void {
    this.#listener.dispose();
    this.#status.replaceChildren();
  }

  /** press is true when the key was one of ours. */
  #press(event: KeyboardEvent): boolean {
    if (['Control', 'Alt', 'Shift', 'Meta'].includes(event.key)) return false;
    const name = keyName(event) || (this.#prefix && event.key.length === 1 ? event.key : '');
    if (name === '') return this.#other(event);
    const full = this.#prefix ? `${this.#prefix} ${name}` : name;
    const waits = PREFIXES.has(full);
    this.#prefix = waits ? full : '';
    this.#status.textContent = waits ? `${full} –` : '';
    return waits || this.#run(full) || full.includes(' ');
  }

  /** An ordinary key belongs to Monaco, but ends a key sequence. */
  #other(event: KeyboardEvent): boolean {
    if (!/^(Arrow|Home|End|Page)/.test(event.key)) this.#marked = false;
    this.#killing = false;
    this.#prefix = '';
    return false;
  }

  #run(name: string): boolean {
    const move = MOVES[name];
    const command = COMMANDS[name];
    if (move) this.#do(this.#marked ? `${move}Select` : move);
    else if (command) this.#do(command);
    else return this.#runOwn(name);
    this.#killing = false;
    if (!move) this.#marked = false;
    return true;
  }

  #runOwn(name: string): boolean {
    switch (name) {
      case 'C-SPC':
        this.#collapse();
        this.#marked = true;
        this.#status.textContent = 'Mark set';
        return true;
      case 'C-g':
        this.#collapse();
        this.#do('closeFindWidget');
        this.#do('hideSuggestWidget');
        return true;
      case 'C-l':
        this.#editor.revealLineInCenter(this.#editor.getPosition()?.lineNumber ?? 1);
        return true;
      case 'C-k':
        return this.#killTo(this.#atLineEnd() ? 'cursorRightSelect' : 'cursorLineEndSelect');
      case 'M-d':
        return this.#killTo('cursorWordEndRightSelect');
      case 'M-DEL':
        return this.#killTo('cursorWordLeftSelect', true);
      case 'C-w':
        return this.#kill(false);
      case 'M-w':
        this.#keep(this.#selected(), false);
        this.#collapse();
        return true;
      case 'C-y':
        this.#collapse();
        this.#replace(this.#ring[0] ?? '');
        return true;
      default:
        return false;
    }
  }

  #killTo(move: string, backwards = false): boolean {
    this.#collapse();
    this.#do(move);
    return this.#kill(backwards);
  }

  #kill(backwards: boolean): boolean {
    const adds = this.#killing;
    this.#keep(this.#selected(), adds, backwards);
    this.#replace('');
    this.#marked = false;
    this.#killing = true;
    return true;
  }

  /** Copies to the clipboard too, where the browser allows it. */
  #keep(text: string, adds: boolean, before = false): void {
    if (text === '') return;
    const last = adds ? (this.#ring.shift() ?? '') : '';
    const kept = before ? text + last : last + text;
    this.#ring.unshift(kept);
    this.#ring.length = Math.min(this.#ring.length, RING);
    void navigator.clipboard?.writeText(kept).catch(() => undefined);
  }

  #selected(): string {
    const selection = this.#editor.getSelection();
    return (selection && this.#editor.getModel()?.getValueInRange(selection)) ?? '';
  }

  #replace(text: string): void {
    const range = this.#editor.getSelection();
    if (!range || (text === '' && range.isEmpty())) return;
    this.#editor.pushUndoStop();
    this.#editor.executeEdits('emacs', [{ range, text, forceMoveMarkers: true }]);
    this.#editor.pushUndoStop();
  }

  #collapse(): void {
    const position = this.#editor.getPosition();
    this.#marked = false;
    this.#killing = this.#killing && this.#editor.getSelection()?.isEmpty() === true;
    if (position) this.#editor.setPosition(position);
  }

  #atLineEnd(): boolean {
    const position = this.#editor.getPosition();
    const model = this.#editor.getModel();
    return !!position && !!model && position.column === model.getLineMaxColumn(position.lineNumber);
  }

  #do(command: string): void {
    this.#editor.trigger('emacs', command, {});
  }
}
