import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FrameToPage, PageToFrame, Program } from '../../../sandbox/protocol';
import { SandboxHost, type SandboxMessage } from './sandbox-host';

vi.mock('./kits', () => ({ fetchKit: () => Promise.resolve({ worker: '', files: {}, maxPages: 1 }) }));

/** The inside of a frame that the host made, played by the test. */
interface Inside {
  element: HTMLIFrameElement;
  heard: PageToFrame['type'][];
  say: (message: FrameToPage) => void;
}

/** A page that frames are put into. What they load is up to the test. */
function fakePage() {
  const inside: Inside[] = [];
  const parent = {
    append: (element: HTMLIFrameElement) => {
      const one: Inside = { element, heard: [], say: () => undefined };
      const postMessage = (_message: string, _target: string, [port]: [MessagePort]) => {
        port.onmessage = ({ data }: MessageEvent<PageToFrame>) => one.heard.push(data.type);
        one.say = (message) => port.postMessage(message);
      };
      Object.defineProperty(element, 'contentWindow', { value: { postMessage } });
      vi.spyOn(element, 'remove');
      inside.push(one);
    },
  };
  const frame = (index: number): Inside => {
    const one = inside[index];
    if (!one) throw new Error(`the host has made ${inside.length} frames`);
    return one;
  };
  /** The frame comes up and says hello. */
  const load = (index: number, isolated = true) => {
    frame(index).element.dispatchEvent(new Event('load'));
    frame(index).say({ type: 'hello', isolated });
  };
  return { parent: parent as unknown as HTMLElement, frames: inside, frame, load };
}

const program: Program = {
  ...{ language: 'javascript', code: '', fileName: 'main.js', files: {}, stdin: '', interactive: true },
};

describe('SandboxHost', () => {
  let page: ReturnType<typeof fakePage>;
  let host: SandboxHost;
  let told: SandboxMessage['type'][];

  /** Messages of ports are real; timers are not. */
  const soon = (check: () => void) => vi.waitFor(check, { interval: 1 });

  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
    });
    page = fakePage();
    host = new SandboxHost(page.parent);
    told = [];
    host.onMessage(({ type }) => told.push(type));
  });

  afterEach(() => {
    host.dispose();
    vi.useRealTimers();
  });

  async function run(): Promise<void> {
    await host.prepare('js');
    await host.run('js', program);
  }

  it('opens a frame when it is needed, hands it the kit and then the program', async () => {
    expect(page.frames).toHaveLength(0);
    const running = run();
    page.load(0);
    await running;
    await soon(() => expect(page.frame(0).heard).toEqual(['prepare', 'run']));
    expect(host.isolated.getSnapshot()).toBe(true);
  });

  it('tries a new frame after one that did not come', async () => {
    const failing = run();
    failing.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(15_000);
    await expect(failing).rejects.toThrow('the sandbox did not start');
    expect(page.frame(0).element.remove).toHaveBeenCalled();
    const running = run();
    page.load(1);
    await running;
    await soon(() => expect(page.frame(1).heard).toEqual(['prepare', 'run']));
  });

  it('tells of a frame that does not answer while a program runs, and gets a new one', async () => {
    const running = run();
    page.load(0);
    await running;
    for (let i = 0; i < 5; i++) await vi.advanceTimersByTimeAsync(2_000);
    await soon(() => expect(told).toEqual(['crashed']));
    expect(page.frames).toHaveLength(2);
  });

  it('replaces a frame that does not confirm the end of its program, and runs what comes next in the new one', async () => {
    const first = run();
    page.load(0);
    await first;
    host.kill();
    const second = run();
    await vi.advanceTimersByTimeAsync(500);
    page.load(1);
    await second;
    await soon(() => expect(page.frame(1).heard).toEqual(['prepare', 'run']));
    expect(page.frame(0).heard.filter((type) => type === 'run')).toHaveLength(1);
  });

  it('keeps a frame that confirms it', async () => {
    const first = run();
    page.load(0);
    await first;
    host.kill();
    page.frame(0).say({ type: 'killed' });
    await run();
    await vi.advanceTimersByTimeAsync(500);
    expect(page.frames).toHaveLength(1);
  });
});
