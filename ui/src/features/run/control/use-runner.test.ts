import { act, renderHook } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import * as Y from 'yjs';
import { readRuns } from '../../../sync/runs';
import type { SandboxMessage } from '../sandbox/sandbox-host';
import { useRunner } from './use-runner';

let say: (message: SandboxMessage) => void = () => undefined;

vi.mock('../sandbox/sandbox-host', () => ({
  SandboxHost: class {
    prepare = () => Promise.resolve();
    run = () => Promise.resolve();
    kill = () => undefined;
    dispose = () => undefined;
    onMessage = (listener: typeof say) => {
      say = listener;
    };
  },
}));

const request = {
  ...{ code: 'x', files: {}, stdin: '' },
  file: { id: 'main', name: 'main.js', language: 'javascript' },
};

describe('useRunner', () => {
  it('stops what runs when the page is left, and runs programs again when the browser brings it back', async () => {
    const place = { doc: new Y.Doc(), self: { id: 'ada' } };
    const { result, unmount } = renderHook(() => useRunner(place));
    const runOne = () =>
      act(async () => {
        await result.current?.controller.start(request);
        say({ type: 'started' });
      });
    await runOne();
    act(() => void window.dispatchEvent(new Event('pagehide')));
    await runOne();
    const statuses = () => readRuns(place.doc).map(({ status }) => status);
    expect(statuses()).toEqual(['stopped', 'running']);
    expect(result.current?.controller.getSnapshot().status).toBe('running');
    unmount();
    expect(statuses()).toEqual(['stopped', 'stopped']);
  });
});
