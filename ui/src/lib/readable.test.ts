import { describe, expect, it, vi } from 'vitest';
import { Derived } from './readable';

describe('Derived', () => {
  it('tells a thousand changes of one moment a few times, and the last of them', async () => {
    let value = 0;
    const derived = new Derived(() => value);
    const heard: number[] = [];
    derived.subscribe(() => heard.push(derived.getSnapshot()));
    for (let i = 0; i < 1000; i++) {
      value += 1;
      derived.changed();
    }
    expect(heard[0]).toBe(1);
    expect(derived.getSnapshot()).toBe(1000);
    await vi.waitFor(() => expect(heard.at(-1)).toBe(1000));
    expect(heard.length).toBeLessThan(20);
    derived.dispose();
  });

  it('says nothing where nothing differs', () => {
    const derived = new Derived(() => 1);
    const heard = vi.fn();
    derived.subscribe(heard);
    derived.changed();
    expect(heard).not.toHaveBeenCalled();
    derived.dispose();
  });
});
