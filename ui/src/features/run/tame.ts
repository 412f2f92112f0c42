const ESC = 0x1b;
const BEL = 0x07;

/**
 * SGR: colours and weights. EL: the rest of the line is wiped, as progress bars do before they
 * write anew. Everything else would move the cursor, rename the window, ask the terminal things.
 */
const COLOURS = /^\x1b\[(?:[0-9;:]*m|[012]?K)$/;
/** Longest sequence that is looked at; a longer one is no colour. */
const MAX_SEQUENCE = 64;

/**
 * Tamer lets text, line ends, tabs and colours of a program's output through, and nothing else that a terminal would
 * obey. It remembers a sequence that is cut by the border of two writes.
 */
export class Tamer {
  #pending = '';

  tame(text: string): string {
    const all = this.#pending + text;
    this.#pending = '';
    // Most output has nothing to tame.
    if (!HARMFUL.test(all)) return all;
    let out = '';
    for (let i = 0; i < all.length;) {
      const code = all.charCodeAt(i);
      if (code !== ESC) {
        if (isPlain(code)) out += all[i];
        i += 1;
        continue;
      }
      const end = endOfSequence(all, i);
      if (end < 0) {
        // Not complete: it waits for the next write, unless it is too long to be one.
        if (all.length - i <= MAX_SEQUENCE) this.#pending = all.slice(i);
        break;
      }
      const sequence = all.slice(i, end);
      if (COLOURS.test(sequence)) out += sequence;
      i = end;
    }
    return out;
  }
}

const HARMFUL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

/** Backspace, bells, C1 and the marks that turn the direction of text are left out. */
function isPlain(code: number): boolean {
  if (code === 9 || code === 10 || code === 13) return true;
  if (code < 32 || (code >= 0x7f && code <= 0x9f)) return false;
  return !(code >= 0x202a && code <= 0x202e) && !(code >= 0x2066 && code <= 0x2069);
}

/** The index behind an escape sequence that starts at `start`; -1 if the text ends before it does. */
function endOfSequence(text: string, start: number): number {
  const kind = text[start + 1];
  if (kind === undefined) return -1;
  if (kind === '[') {
    for (let i = start + 2; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x40 && code <= 0x7e) return i + 1;
      // Something that cannot be inside: the sequence ends without it.
      if (code < 0x20 || code > 0x7e) return i;
    }
    return -1;
  }
  // OSC, DCS, SOS, PM, APC: a string up to BEL or ESC \.
  if (']PX^_'.includes(kind)) {
    for (let i = start + 2; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === BEL || code === 0x9c) return i + 1;
      if (code === ESC) return text[i + 1] === '\\' ? i + 2 : i;
      if (code === 10) return i;
    }
    return -1;
  }
  return start + 2;
}
