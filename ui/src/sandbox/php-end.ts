/** What we use of the exports of PHP's module. */
export interface PhpExports {
  /** Where PHP keeps what it knows of the program that runs. */
  executor_globals: WebAssembly.Global<'i32'>;
  zend_is_unwind_exit(object: number): number;
}

/** Words of the globals that are searched. */
const WORDS = 1024;
/**
 * E_ALL, which error_reporting is set to before a program begins. The exit status stands behind it.
 */
const E_ALL = 30_719;

/**
 * PhpEnd ends programs that call exit. PHP throws an object for that, which its command line takes
 * away before it calls what was put off to the end. The way in that this build has does not: so it
 * is done here, in PHP's memory.
 */
export class PhpEnd {
  readonly #exports: PhpExports | null;
  readonly #memory: WebAssembly.Memory;
  readonly #status: number;

  constructor(exports: PhpExports | null, memory: WebAssembly.Memory) {
    this.#exports = exports;
    this.#memory = memory;
    const found = this.#words().indexOf(E_ALL);
    this.#status = found < 0 ? -1 : found + 1;
  }

  /**
   * status gives what exit was called with, so far as that is a number; 255 after a fatal error.
   */
  status(): number {
    const status = this.#status < 0 ? 0 : (this.#words()[this.#status] ?? 0);
    return status > 0 && status < 256 ? status : 0;
  }

  /** take takes the object away that exit has thrown, if there is one, and gives the status. */
  take(): number {
    const words = this.#words();
    const at = words.findIndex((word) => this.#isExit(word));
    if (at >= 0) words[at] = 0;
    return this.status();
  }

  #isExit(object: number): boolean {
    if (object < 1024 || object % 8 !== 0) return false;
    try {
      return this.#exports?.zend_is_unwind_exit(object) === 1;
    } catch {
      // It points out of the memory.
      return false;
    }
  }

  #words(): Uint32Array {
    if (!this.#exports) return new Uint32Array();
    return new Uint32Array(this.#memory.buffer, this.#exports.executor_globals.value, WORDS);
  }
}
