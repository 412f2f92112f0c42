import { describe, expect, it } from 'vitest';
import { PhpEnd } from './php-end';

const GLOBALS = 4096;
/** As the module has them: error_reporting, and the exit status behind it. */
const REPORTING = 16;
const EXCEPTION = 200;
const EXIT = 8192;

function php() {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const words = new Uint32Array(memory.buffer, GLOBALS, 1024);
  words[REPORTING] = 30_719;
  words[40] = 0xffff_fff8;
  const exports = {
    executor_globals: { value: GLOBALS } as WebAssembly.Global<'i32'>,
    zend_is_unwind_exit: (object: number) => {
      if (object > memory.buffer.byteLength) throw new WebAssembly.RuntimeError('out of bounds');
      return Number(object === EXIT);
    },
  };
  return { words, end: new PhpEnd(exports, memory) };
}

describe('PhpEnd', () => {
  it('takes away what exit has thrown, and gives its status', () => {
    const { words, end } = php();
    words[REPORTING] = 0;
    words[REPORTING + 1] = 3;
    words[EXCEPTION] = EXIT;
    expect(end.take()).toBe(3);
    expect(words[EXCEPTION]).toBe(0);
    expect(words[40]).toBe(0xffff_fff8);
  });

  it('leaves a program alone that came to its end by itself', () => {
    const { words, end } = php();
    words[EXCEPTION] = EXIT + 8;
    expect(end.take()).toBe(0);
    expect(words[EXCEPTION]).toBe(EXIT + 8);
  });

  it('does nothing without the module', () => {
    expect(new PhpEnd(null, new WebAssembly.Memory({ initial: 1 })).take()).toBe(0);
  });
});
