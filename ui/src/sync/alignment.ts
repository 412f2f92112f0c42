/**
 * What a stretch of a text is. `both`: the shared text and the shown one have it. `text`: only the
 * shared text has it, because others wrote it and it is not shown yet. `hidden`: only the shared
 * text has it, and it can never be shown. `shown`: only the shown text has it, because others
 * deleted it and it is not gone yet.
 */
type Kind = 'both' | 'text' | 'hidden' | 'shown';

interface Piece {
  kind: Kind;
  length: number;
}

/** Edit is one replacement, in UTF-16 units. */
export interface Edit {
  at: number;
  remove: number;
  insert: string;
}

const inText = ({ kind }: Piece) => kind !== 'shown';
const inShown = ({ kind }: Piece) => kind === 'both' || kind === 'shown';

/**
 * Alignment says which part of a shared text stands where in the text that an editor shows. Both
 * are equal most of the time. They differ while changes of others are held back, and where the
 * shared text has what an editor cannot show.
 */
export class Alignment {
  #pieces: Piece[];

  constructor(pieces: readonly Piece[]) {
    this.#pieces = joined(pieces);
  }

  static equal(length: number): Alignment {
    return new Alignment([{ kind: 'both', length }]);
  }

  /** same: both texts are equal. */
  get same(): boolean {
    return this.#pieces.every(({ kind }) => kind === 'both');
  }

  get textLength(): number {
    return this.#pieces.reduce((sum, piece) => sum + (inText(piece) ? piece.length : 0), 0);
  }

  /** Somebody else put so many units into the shared text. */
  inserted(index: number, length: number): void {
    const at = this.#split(index, inText);
    this.#pieces.splice(at, 0, { kind: 'text', length });
    this.#pieces = joined(this.#pieces);
  }

  /** Somebody else deleted so many units of the shared text. */
  deleted(index: number, length: number): void {
    const from = this.#split(index, inText);
    const to = this.#split(index + length, inText);
    const gone = this.#pieces.slice(from, to);
    const left = gone.filter(inShown).map((piece): Piece => ({ ...piece, kind: 'shown' }));
    this.#pieces.splice(from, to - from, ...left);
    this.#pieces = joined(this.#pieces);
  }

  /**
   * edited notes an edit of the shown text, and gives the edits of the shared text that do the same
   * there, one after the other. What others wrote in between stays.
   */
  edited({ at, remove, insert }: Edit): Edit[] {
    const from = this.#split(at, inShown);
    const to = remove > 0 ? this.#split(at + remove, inShown) : from;
    const start = this.#pieces.slice(0, from).filter(inText).reduce(sum, 0);
    const kept: Piece[] = [];
    const edits: Edit[] = [];
    let place = start;
    // The new text takes the place of the first thing that it replaces.
    let put = 0;
    for (const piece of this.#pieces.slice(from, to)) {
      if (piece.kind === 'both') edits.push({ at: place, remove: piece.length, insert: '' });
      else if (piece.kind !== 'shown') {
        if (edits.length === 0) put = kept.push(piece);
        else kept.push(piece);
        place += piece.length;
      }
    }
    if (insert !== '') {
      const before = kept.slice(0, put).reduce(sum, 0);
      kept.splice(put, 0, { kind: 'both', length: insert.length });
      edits.push({ at: start + before, remove: 0, insert });
    }
    this.#pieces.splice(from, to - from, ...kept);
    this.#pieces = joined(this.#pieces);
    return edits;
  }

  /**
   * settle gives the edits of the shown text that make it equal to the shared one, from the left.
   * Their places are those before any of them. `full` is the shared text without what is hidden.
   * Edits for which `hold` says so are left out and stay due.
   */
  settle(full: string, hold: (edit: Edit) => boolean = () => false): Edit[] {
    const edits: Edit[] = [];
    const after: Piece[] = [];
    let [shown, read] = [0, 0];
    let open: Piece[] = [];
    const close = () => {
      if (open.length === 0) return;
      const gone = open.filter(inShown).reduce(sum, 0);
      const added = open.filter(({ kind }) => kind === 'text').reduce(sum, 0);
      const edit = { at: shown, remove: gone, insert: full.slice(read, read + added) };
      shown += gone;
      read += added;
      if (hold(edit)) after.push(...open);
      else {
        edits.push(edit);
        after.push({ kind: 'both', length: added });
      }
      open = [];
    };
    for (const piece of this.#pieces) {
      if (piece.kind === 'text' || piece.kind === 'shown') {
        open.push(piece);
        continue;
      }
      close();
      after.push(piece);
      if (piece.kind !== 'both') continue;
      shown += piece.length;
      read += piece.length;
    }
    close();
    this.#pieces = joined(after);
    return edits;
  }

  /** toText gives the place in the shared text for one in the shown text. */
  toText(offset: number): number {
    let [shown, index] = [0, 0];
    for (const piece of this.#pieces) {
      if (inShown(piece) && shown + piece.length > offset) {
        return index + (inText(piece) ? offset - shown : 0);
      }
      if (inShown(piece)) shown += piece.length;
      if (inText(piece)) index += piece.length;
    }
    return index;
  }

  /** toShown gives the place in the shown text for one in the shared text. */
  toShown(index: number): number {
    let [shown, at] = [0, 0];
    for (const piece of this.#pieces) {
      if (inText(piece) && at + piece.length > index) return shown + (inShown(piece) ? index - at : 0);
      if (inShown(piece)) shown += piece.length;
      if (inText(piece)) at += piece.length;
    }
    return shown;
  }

  /** Makes a piece begin at a place, and gives its number; the first one, if several do. */
  #split(place: number, counts: (piece: Piece) => boolean): number {
    let at = 0;
    for (const [number, piece] of this.#pieces.entries()) {
      if (at >= place) return number;
      if (!counts(piece)) continue;
      if (at + piece.length > place) {
        const left = place - at;
        this.#pieces.splice(number, 1, { ...piece, length: left }, { ...piece, length: piece.length - left });
        return number + 1;
      }
      at += piece.length;
    }
    return this.#pieces.length;
  }
}

const sum = (total: number, { length }: Piece) => total + length;

function joined(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = [];
  for (const piece of pieces) {
    const last = all.at(-1);
    if (piece.length === 0) continue;
    if (last?.kind === piece.kind) last.length += piece.length;
    else all.push({ ...piece });
  }
  return all;
}
