import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Frame } from './frame';
import type { FrameToPage, FrameToWorker, PageToFrame, Program } from './protocol';

vi.mock('./module-limits', () => ({ withinLimits: (bytes: Uint8Array) => bytes }));
vi.mock('./script-address', () => ({ workerAddress: () => Promise.resolve('blob:worker') }));

/** A worker that the test plays. */
class FakeWorker {
  static made: FakeWorker[] = [];
  onerror: ((event: { message: string }) => void) | null = null;
  port: MessagePort | null = null;
  terminate = vi.fn();

  constructor() {
    FakeWorker.made.push(this);
  }

  postMessage(_start: FrameToWorker, [port]: [MessagePort]): void {
    this.port = port;
  }
}

const program: Program = {
  ...{ language: 'lua', code: '', fileName: 'main.lua', files: {}, stdin: '', interactive: false },
};

describe('Frame', () => {
  let page: MessagePort;
  let heard: FrameToPage[];
  const send = (message: PageToFrame) => page.postMessage(message);
  const prepare = () =>
    send({
      type: 'prepare',
      kit: 'lua',
      parts: { worker: '', files: { 'lua.wasm': new ArrayBuffer(8) }, maxPages: 1 },
    });
  const run = () => send({ type: 'run', kit: 'lua', program });
  const types = () => heard.map(({ type }) => type);
  const worker = (index: number) => vi.waitUntil(() => FakeWorker.made[index], { interval: 1 });

  beforeEach(() => {
    const { port1, port2 } = new MessageChannel();
    page = port1;
    heard = [];
    page.onmessage = ({ data }: MessageEvent<FrameToPage>) => heard.push(data);
    FakeWorker.made = [];
    vi.stubGlobal('Worker', FakeWorker);
    new Frame(port2);
  });

  afterEach(() => {
    page.close();
    vi.unstubAllGlobals();
  });

  it('does without shared memory where an isolated document has none', async () => {
    vi.stubGlobal('crossOriginIsolated', true);
    vi.stubGlobal('SharedArrayBuffer', undefined);
    vi.spyOn(WebAssembly, 'compile').mockResolvedValue({});
    const { port1, port2 } = new MessageChannel();
    page.close();
    page = port1;
    heard = [];
    page.onmessage = ({ data }: MessageEvent<FrameToPage>) => heard.push(data);
    new Frame(port2);
    prepare();
    run();
    (await worker(0)).port?.postMessage({ type: 'ready' });
    await vi.waitFor(() => expect(types()).toEqual(['hello', 'started']), { interval: 1 });
    expect(heard[0]).toEqual({ type: 'hello', isolated: false });
  });

  it('runs a program in a worker that was started before, and starts the next one', async () => {
    vi.spyOn(WebAssembly, 'compile').mockResolvedValue({});
    prepare();
    const first = await worker(0);
    first.port?.postMessage({ type: 'ready' });
    run();
    await vi.waitFor(() => expect(types()).toEqual(['hello', 'started']), { interval: 1 });
    first.port?.postMessage({ type: 'done', ok: true });
    await worker(1);
    await vi.waitFor(() => expect(types()).toEqual(['hello', 'started', 'done']), { interval: 1 });
    expect(first.terminate).toHaveBeenCalled();
  });

  it('says why a language could not be compiled, and tries again at the next run', async () => {
    const compile = vi.spyOn(WebAssembly, 'compile').mockRejectedValue(new RangeError('out of memory'));
    prepare();
    run();
    await vi.waitFor(() => expect(types()).toContain('done'), { interval: 1 });
    expect(JSON.stringify(heard)).toContain('out of memory');
    compile.mockResolvedValue({});
    run();
    (await worker(0)).port?.postMessage({ type: 'ready' });
    await vi.waitFor(() => expect(types().at(-1)).toBe('started'), { interval: 1 });
  });

  it('ends the run of a worker whose script fails before it is ready', async () => {
    vi.spyOn(WebAssembly, 'compile').mockResolvedValue({});
    prepare();
    run();
    const first = await worker(0);
    first.onerror?.({ message: 'SyntaxError: no script' });
    await vi.waitFor(() => expect(types()).toEqual(['hello', 'output', 'done']), { interval: 1 });
    expect(JSON.stringify(heard)).toContain('no script');
  });
});
