const encoder = new TextEncoder();

/**
 * ByteCap lets text through until a number of UTF-8 bytes is used up, never cutting a character in
 * half.
 */
export class ByteCap {
  #left: number;

  constructor(maxBytes: number) {
    this.#left = maxBytes;
  }

  get full(): boolean {
    return this.#left <= 0;
  }

  /**
   * take gives the part of the text that still fits. Once something was cut, nothing fits any more.
   */
  take(text: string): string {
    if (this.#left <= 0) return '';
    // At most 3 bytes a UTF-16 unit: the common case needs no encoding at all.
    if (text.length * 3 <= this.#left) {
      this.#left -= isAscii(text) ? text.length : encoder.encode(text).length;
      return text;
    }
    const { read, written } = encoder.encodeInto(text, new Uint8Array(this.#left));
    this.#left = read < text.length ? 0 : this.#left - written;
    return text.slice(0, read);
  }
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
