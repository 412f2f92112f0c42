import { describe, expect, it } from 'vitest';
import { readFrameMessage } from './frame-message';

describe('readFrameMessage', () => {
  it('takes what is well formed and nothing else', () => {
    expect(
      readFrameMessage({ type: 'output', chunks: [{ text: 'a', stream: 'stderr', html: '<b>' }] }),
    ).toEqual({
      type: 'output',
      chunks: [{ text: 'a', stream: 'stderr' }],
    });
    expect(
      readFrameMessage({ type: 'output', chunks: [null, 1, { text: {} }, { text: 'x', stream: 'page' }] }),
    ).toEqual({
      type: 'output',
      chunks: [{ text: 'x', stream: 'stdout' }],
    });
    expect(readFrameMessage({ type: 'done', ok: 'yes', exitCode: 1e99 })).toEqual({
      type: 'done',
      ok: false,
      exitCode: undefined,
    });
    for (const data of [
      null,
      7,
      'done',
      [],
      { type: 'eval', code: 'x' },
      { type: 'run' },
      { type: '__proto__' },
    ]) {
      expect(readFrameMessage(data)).toBeNull();
    }
  });

  it('cuts what is too large', () => {
    const message = readFrameMessage({
      type: 'output',
      chunks: Array(10).fill({ text: 'x'.repeat(200_000) }),
    });
    const total =
      message?.type === 'output' ? message.chunks.reduce((sum, { text }) => sum + text.length, 0) : 0;
    expect(total).toBe(512 * 1024);
  });
});
