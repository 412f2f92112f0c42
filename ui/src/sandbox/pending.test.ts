import { MessageChannel as NodeChannel, MessagePort as NodePort } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { Pending } from './pending';

/** A global scope of one's own with what a program may wait for. */
function scope() {
  let finish: (text: string) => void = () => undefined;
  class Blob {
    text(): Promise<string> {
      return new Promise((resolve) => (finish = resolve));
    }
  }
  class MessageChannel extends NodeChannel {}
  const pending = new Pending(() => changes.push(pending.idle));
  const changes: boolean[] = [];
  const target = { Blob, MessageChannel, MessagePort: NodePort };
  const names = ['postMessage', 'start', 'close', 'onmessage'] as const;
  const natives = names.map((name) => Object.getOwnPropertyDescriptor(NodePort.prototype, name));
  pending.install(target);
  const restore = () =>
    names.forEach((name, i) => {
      const native = natives[i];
      if (native) Object.defineProperty(NodePort.prototype, name, native);
      else Reflect.deleteProperty(NodePort.prototype, name);
    });
  return { target, pending, changes, finish: (text: string) => finish(text), restore };
}

const moment = () => new Promise((wake) => setTimeout(wake, 20));

describe('Pending', () => {
  it('counts a promise of the browser until it has settled', async () => {
    const { target, pending, changes, finish, restore } = scope();
    const text = new target.Blob().text();
    expect(pending.idle).toBe(false);
    finish('late');
    expect(await text).toBe('late');
    await moment();
    expect(pending.idle).toBe(true);
    expect(changes).toEqual([true]);
    restore();
  });

  it('counts a message to a port that listens, and no other', async () => {
    const { target, pending, restore } = scope();
    const { port1, port2 } = new target.MessageChannel();
    port2.postMessage('nobody listens');
    expect(pending.idle).toBe(true);
    port1.start();
    expect(pending.idle).toBe(false);
    await moment();
    expect(pending.idle).toBe(true);
    port2.postMessage('on its way');
    expect(pending.idle).toBe(false);
    port1.close();
    expect(pending.idle).toBe(true);
    restore();
  });
});
