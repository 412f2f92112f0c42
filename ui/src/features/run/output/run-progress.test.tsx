import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TEXTS } from '../../../lib/texts';
import { RunProgress } from './run-progress';

describe('RunProgress', () => {
  let root: Root;
  const host = document.createElement('div');
  const show = (share: number, compiling = false) =>
    act(() => root.render(<RunProgress share={share} language="ruby" compiling={compiling} />));
  const wait = (ms: number) => act(() => vi.advanceTimersByTime(ms));

  beforeEach(() => {
    vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
    vi.useFakeTimers();
    root = createRoot(host);
  });
  afterEach(() => {
    act(() => root.unmount());
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('says what helps when a language does not start', () => {
    show(1);
    wait(19_000);
    expect(host.textContent).not.toContain(TEXTS.run.startsLong);
    wait(2_000);
    expect(host.textContent).toContain(TEXTS.run.startsLong);
  });

  it('says nothing of it while bytes come, or a compiler runs', () => {
    show(0.5);
    wait(60_000);
    expect(host.textContent).not.toContain(TEXTS.run.startsLong);
    show(1, true);
    wait(60_000);
    expect(host.textContent).not.toContain(TEXTS.run.startsLong);
  });
});
