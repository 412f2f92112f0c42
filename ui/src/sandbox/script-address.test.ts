import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

/** A browser whose workers start or fail as the test says. */
function browser(starts: boolean): { made: string[] } {
  const made: string[] = [];
  class OneWorker {
    onmessage: (() => void) | null = null;
    onerror: (() => void) | null = null;
    terminate = vi.fn();
    constructor(address: string) {
      made.push(address);
      queueMicrotask(() => (starts ? this.onmessage?.() : this.onerror?.()));
    }
  }
  vi.stubGlobal('Worker', OneWorker);
  return { made };
}

describe('workerAddress', () => {
  // What was tried is kept, so each test has the module anew.
  const fresh = async () => (await import('./script-address')).workerAddress;
  beforeEach(() => void vi.resetModules());
  afterEach(() => vi.unstubAllGlobals());

  it('is a blob where blobs start, which is tried once', async () => {
    const { made } = browser(true);
    const workerAddress = await fresh();
    expect(await workerAddress('1')).toMatch(/^blob:/);
    expect(await workerAddress('2')).toMatch(/^blob:/);
    expect(made).toHaveLength(1);
  });

  it('holds the script itself where blobs do not start', async () => {
    browser(false);
    const source = "const s = 'ä # % ✓ \\n';\n// end";
    const address = await (await fresh())(source);
    const [head = '', ...rest] = address.split(',');
    expect(head).toBe('data:text/javascript;charset=utf-8');
    expect(decodeURIComponent(rest.join(','))).toBe(source);
  });
});

describe('moduleAddress', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('holds the module itself in a worker that may not import blobs', async () => {
    const { moduleAddress } = await import('./script-address');
    expect(moduleAddress('1')).toMatch(/^blob:/);
    vi.stubGlobal('location', { protocol: 'data:' });
    expect(moduleAddress('1')).toBe('data:text/javascript;charset=utf-8,1');
  });
});
