import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as Y from 'yjs';
import { readRuns, type TestResult } from '../../../sync/runs';
import type { TestCase } from '../../../sync/tests';
import type { SandboxMessage } from '../sandbox/sandbox-host';
import { MAX_OUTPUT_BYTES } from './limits';
import { RunController } from './run-controller';

/** A sandbox in which the test plays the program. */
function fakeSandbox() {
  let listener: (message: SandboxMessage) => void = () => undefined;
  return {
    prepare: vi.fn(() => Promise.resolve()),
    run: vi.fn(() => Promise.resolve()),
    answer: vi.fn(),
    endInput: vi.fn(),
    interrupt: vi.fn(),
    kill: vi.fn(),
    onMessage: (next: typeof listener) => void (listener = next),
    say: (message: SandboxMessage) => listener(message),
  };
}

const self = { id: 'ada', name: 'Ada', role: 'candidate' as const, color: '#123456' };
const request = (language = 'javascript') => ({
  code: 'x',
  files: {},
  file: { id: 'main', name: 'main.js', language },
  stdin: '',
});

describe('RunController', () => {
  let doc: Y.Doc;
  let sandbox: ReturnType<typeof fakeSandbox>;
  let controller: RunController;
  const last = () => readRuns(doc).at(-1);

  async function start(language?: string): Promise<void> {
    await controller.start(request(language));
    sandbox.say({ type: 'started' });
  }

  beforeEach(() => {
    vi.useFakeTimers();
    doc = new Y.Doc();
    sandbox = fakeSandbox();
    controller = new RunController({ doc, self }, sandbox);
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('shows everybody a run from its first moment to its end', async () => {
    await start();
    expect(last()).toMatchObject({ by: 'ada', language: 'javascript', status: 'running' });
    sandbox.say({ type: 'output', chunks: [{ text: 'hello\n', stream: 'stdout' }] });
    vi.advanceTimersByTime(60);
    expect(last()?.output.toString()).toBe('hello\n');
    vi.advanceTimersByTime(100);
    sandbox.say({ type: 'done', ok: true, exitCode: 0 });
    expect(last()).toMatchObject({ status: 'ok', durationMs: 160 });
    expect(controller.getSnapshot()).toEqual({ status: 'idle' });
  });

  it('publishes many small writes as few updates', async () => {
    await start();
    let updates = 0;
    doc.on('update', () => (updates += 1));
    for (let i = 0; i < 1000; i++) {
      sandbox.say({ type: 'output', chunks: [{ text: 'x', stream: 'stdout' }] });
      vi.advanceTimersByTime(1);
    }
    sandbox.say({ type: 'done', ok: true, exitCode: 0 });
    expect(updates).toBeLessThan(30);
    expect(last()?.output.length).toBe(1000);
  });

  it('cuts the output at its bound, in bytes, and says so once', async () => {
    await start();
    for (let i = 0; i < 400; i++)
      sandbox.say({ type: 'output', chunks: [{ text: 'é'.repeat(1000), stream: 'stdout' }] });
    sandbox.say({ type: 'done', ok: true, exitCode: 0 });
    const text = last()?.output.toString() ?? '';
    const bytes = new TextEncoder().encode(text).length;
    expect(bytes).toBeLessThanOrEqual(MAX_OUTPUT_BYTES);
    expect(bytes).toBeGreaterThan(MAX_OUTPUT_BYTES - 100);
    expect(text.match(/output cut/g)).toHaveLength(1);
  });

  it('shares a page, and what it writes before and after it has loaded', async () => {
    await controller.start({ ...request('html'), code: '<p>hi</p>' });
    const { id = '', page } = last() ?? {};
    expect(page).toBe('<p>hi</p>');
    const say = (text: string) =>
      controller.onPage(id, { type: 'output', chunks: [{ text, stream: 'stdout' }] });
    controller.onPage(id, { type: 'started' });
    say('before ');
    controller.onPage(id, { type: 'done', ok: true });
    expect(last()?.status).toBe('ok');
    say('after');
    controller.onPage('another', { type: 'output', chunks: [{ text: 'never', stream: 'stdout' }] });
    vi.advanceTimersByTime(100);
    expect(last()?.output.toString()).toBe('before after');
  });

  it('kills what cannot be asked, at once', async () => {
    await start('javascript');
    controller.stop();
    expect(sandbox.interrupt).not.toHaveBeenCalled();
    expect(sandbox.kill).toHaveBeenCalledOnce();
    expect(last()?.status).toBe('stopped');
  });

  it('asks Python first, and kills it within a second', async () => {
    await start('python');
    controller.stop();
    expect(sandbox.interrupt).toHaveBeenCalledOnce();
    expect(sandbox.kill).not.toHaveBeenCalled();
    vi.advanceTimersByTime(999);
    expect(sandbox.kill).toHaveBeenCalledOnce();
    expect(last()?.status).toBe('stopped');
    expect(controller.getSnapshot()).toEqual({ status: 'idle' });
  });

  it('calls a program that ended when asked stopped, and keeps what it said', async () => {
    await start('python');
    controller.stop();
    sandbox.say({ type: 'output', chunks: [{ text: 'KeyboardInterrupt\n', stream: 'stderr' }] });
    sandbox.say({ type: 'done', ok: false, exitCode: 1 });
    expect(last()?.status).toBe('stopped');
    expect(last()?.output.toString()).toBe('KeyboardInterrupt\n');
    vi.advanceTimersByTime(2_000);
    expect(sandbox.kill).not.toHaveBeenCalled();
  });

  it('stops after 30 seconds of computing; loading and waiting for input do not count', async () => {
    await controller.start(request());
    vi.advanceTimersByTime(60_000);
    expect(last()?.status).toBe('running');
    sandbox.say({ type: 'started' });
    vi.advanceTimersByTime(20_000);
    sandbox.say({ type: 'input' });
    expect(controller.getSnapshot()).toEqual({ status: 'running', waitingForInput: true });
    vi.advanceTimersByTime(120_000);
    controller.answer('42');
    expect(sandbox.answer).toHaveBeenCalledWith('42');
    vi.advanceTimersByTime(9_900);
    expect(last()?.status).toBe('running');
    vi.advanceTimersByTime(200);
    expect(last()?.status).toBe('timeout');
    expect(last()?.output.toString()).toContain('30 seconds');
  });

  it('does not count compiling as time of the program, but bounds it', async () => {
    await start('go');
    sandbox.say({ type: 'compiling' });
    expect(controller.getSnapshot()).toMatchObject({ status: 'preparing', compiling: true });
    vi.advanceTimersByTime(100_000);
    sandbox.say({ type: 'compiled' });
    expect(controller.getSnapshot().status).toBe('running');
    vi.advanceTimersByTime(29_000);
    sandbox.say({ type: 'done', ok: true, exitCode: 0 });
    expect(last()).toMatchObject({ status: 'ok', durationMs: 29_000 });
    await start('go');
    sandbox.say({ type: 'compiling' });
    vi.advanceTimersByTime(120_000);
    expect(last()?.status).toBe('timeout');
  });

  it('shares what a program has drawn, as a page, and nothing that is no picture', async () => {
    await start('python');
    sandbox.say({ type: 'picture', name: 'a<b>.png', mime: 'image/png', data: 'AAAA' });
    sandbox.say({ type: 'done', ok: true, exitCode: 0 });
    expect(last()?.page).toContain('<img src="data:image/png;base64,AAAA" alt="a&#60;b&#62;.png">');
  });

  it('says so when the runtime cannot be loaded, and can try again', async () => {
    sandbox.prepare.mockRejectedValueOnce(new Error('offline'));
    await controller.start(request());
    expect(last()?.status).toBe('error');
    expect(last()?.output.toString()).toContain('could not be loaded');
    await start();
    expect(last()?.status).toBe('running');
  });

  it('runs one program at a time, and does not start one that was stopped while it loaded', async () => {
    let loaded: () => void = () => undefined;
    sandbox.prepare.mockImplementationOnce(() => new Promise((resolve) => (loaded = resolve)));
    const starting = controller.start(request());
    await controller.start(request());
    expect(readRuns(doc)).toHaveLength(1);
    controller.stop();
    loaded();
    await starting;
    expect(sandbox.run).not.toHaveBeenCalled();
    expect(last()?.status).toBe('stopped');
  });

  it('ends a run that the sandbox does not take, and the next one runs', async () => {
    sandbox.run.mockRejectedValueOnce(new Error('the sandbox did not start'));
    await controller.start(request()).catch(() => undefined);
    expect(controller.getSnapshot()).toEqual({ status: 'idle' });
    expect(last()).toMatchObject({ status: 'error' });
    expect(last()?.output.toString()).toContain('could not be loaded');
    await start();
    expect(last()?.status).toBe('running');
  });

  it('can be stopped at once and used again: a page that was left may come back', async () => {
    await start();
    controller.stopNow();
    expect(last()?.status).toBe('stopped');
    await start();
    expect(controller.getSnapshot().status).toBe('running');
  });

  it('hears nothing that comes after the end of a page', async () => {
    await controller.start({ ...request('html'), code: '<p>hi</p>' });
    const { id = '' } = last() ?? {};
    controller.onPage(id, { type: 'done', ok: true });
    controller.onPage(id, { type: 'started' });
    expect(controller.getSnapshot()).toEqual({ status: 'idle' });
  });
});

describe('RunController with tests', () => {
  let doc: Y.Doc;
  let sandbox: ReturnType<typeof fakeSandbox>;
  let controller: RunController;
  const last = () => readRuns(doc).at(-1);
  const io = (id: string, expected: string): TestCase => {
    return { id, name: id, kind: 'io', input: '', expected, hidden: false };
  };
  /** Lets what has been promised happen. */
  const settle = () => vi.advanceTimersByTimeAsync(0);
  const print = (text: string) => sandbox.say({ type: 'output', chunks: [{ text, stream: 'stdout' }] });

  beforeEach(() => {
    vi.useFakeTimers();
    doc = new Y.Doc();
    sandbox = fakeSandbox();
    controller = new RunController({ doc, self }, sandbox);
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('runs the program once for each test, and tells everybody how each went', async () => {
    const done = controller.startTests(request(), [io('one', 'a'), io('two', 'b')]);
    for (const text of ['a', 'wrong']) {
      await settle();
      sandbox.say({ type: 'started' });
      print(text);
      sandbox.say({ type: 'done', ok: true });
    }
    await done;
    expect(sandbox.run).toHaveBeenCalledTimes(2);
    expect(last()?.results?.map(({ verdict }) => verdict)).toEqual(['passed', 'failed']);
    expect(last()?.status).toBe('error');
    expect(controller.getSnapshot()).toEqual({ status: 'idle' });
  });

  it('gives each test ten seconds, in which the compiler does not count', async () => {
    const done = controller.startTests(request('go'), [io('one', 'a'), io('two', '')]);
    await settle();
    sandbox.say({ type: 'started' });
    sandbox.say({ type: 'compiling' });
    await vi.advanceTimersByTimeAsync(60_000);
    sandbox.say({ type: 'compiled' });
    await vi.advanceTimersByTimeAsync(9_000);
    print('a');
    sandbox.say({ type: 'done', ok: true });
    await settle();
    sandbox.say({ type: 'started' });
    await vi.advanceTimersByTimeAsync(10_000);
    await done;
    expect(sandbox.kill).toHaveBeenCalledOnce();
    expect(last()?.results?.map(({ verdict }) => verdict)).toEqual(['passed', 'timeout']);
  });

  it('is stopped between two tests by a program that ends when asked to', async () => {
    const done = controller.startTests(request('python'), [io('one', ''), io('two', '')]);
    await settle();
    sandbox.say({ type: 'started' });
    controller.stop();
    sandbox.say({ type: 'done', ok: false, exitCode: 1 });
    await done;
    expect(sandbox.run).toHaveBeenCalledOnce();
    expect(last()).toMatchObject({ status: 'stopped', results: null });
  });

  it('ends when the sandbox does not take the program of a test', async () => {
    sandbox.run.mockRejectedValueOnce(new Error('the sandbox did not start'));
    await controller.startTests(request(), [io('one', ''), io('two', '')]);
    expect(controller.getSnapshot()).toEqual({ status: 'idle' });
    expect(last()?.status).toBe('error');
  });

  it('does not pass a test that the program has not come to', async () => {
    const test: TestCase = { ...io('adds', 'assert add(1, 2) == 3'), kind: 'code' };
    const markOf = () => {
      const [, program] = (sandbox.run.mock.lastCall ?? []) as unknown as [string, { code: string }];
      return /"\\n(\w+)\\n"/.exec(program.code)?.[1] ?? '';
    };
    for (const [says, verdict] of [
      [() => 'early\n', 'error'],
      [() => `\n${markOf()}\n`, 'passed'],
    ] as const) {
      const testing = controller.startTests(request('python'), [test]);
      await settle();
      sandbox.say({ type: 'started' });
      sandbox.say({ type: 'output', chunks: [{ text: says(), stream: 'stdout' }] });
      sandbox.say({ type: 'done', ok: true, exitCode: 0 });
      await testing;
      expect(last()?.results?.[0]?.verdict).toBe(verdict);
      expect(last()?.output.toString()).not.toContain(markOf());
      sandbox.run.mockClear();
    }
  });

  describe('hidden tests', () => {
    /** Tests that one person alone has, and what that person is told. */
    const secrets = (...tests: TestCase[]) => {
      const told: TestResult[] = [];
      const hidden = {
        place: { doc: new Y.Doc(), self: { id: 'p1' } },
        results: told,
        begin: vi.fn(),
        ended: vi.fn(),
        testsFor: () => tests,
        // A method, as an object with a state of its own has it.
        told(result: TestResult) {
          this.results.push(result);
        },
      };
      return { hidden, told };
    };
    const answer = async (text: string) => {
      await settle();
      sandbox.say({ type: 'started' });
      print(text);
      sandbox.say({ type: 'done', ok: true });
    };

    it('run after the others, and leave nothing in the shared document', async () => {
      const { hidden, told } = secrets(io('secret name', 'secret output'), io('second secret', 'b'));
      const done = controller.startTests(request(), [io('one', 'a')], hidden);
      await answer('a');
      await settle();
      const before = Y.encodeStateAsUpdate(doc);
      expect(last()?.status).toBe('ok');
      for (const text of ['secret output', 'other']) await answer(text);
      await done;
      expect(told.map(({ verdict, actual }) => [verdict, actual])).toEqual([
        ['passed', ''],
        ['failed', 'other'],
      ]);
      expect(hidden.begin).toHaveBeenCalledWith(2);
      expect(hidden.ended).toHaveBeenCalledWith(true);
      expect(Y.encodeStateAsUpdate(doc)).toEqual(before);
      expect(new TextDecoder().decode(before)).not.toContain('secret');
      expect(readRuns(hidden.place.doc)).toHaveLength(1);
    });

    it('are not run when the run of the others was stopped', async () => {
      const { hidden, told } = secrets(io('secret', ''));
      const done = controller.startTests(request('python'), [io('one', '')], hidden);
      await settle();
      sandbox.say({ type: 'started' });
      controller.stopNow();
      await done;
      expect(told).toEqual([]);
      expect(hidden.ended).toHaveBeenCalledWith(false);
      expect(sandbox.run).toHaveBeenCalledOnce();
    });

    it('run alone where there are no others', async () => {
      const { hidden, told } = secrets(io('secret', 'a'));
      const done = controller.startTests(request(), [], hidden);
      await answer('a');
      await done;
      expect(told).toMatchObject([{ verdict: 'passed' }]);
      expect(last()).toBeUndefined();
    });
  });
});
