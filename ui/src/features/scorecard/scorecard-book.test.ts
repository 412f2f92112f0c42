import { afterEach, describe, expect, it, vi } from 'vitest';
import { bookOf } from './scorecard-book';

const EMPTY_BOOK = {
  rubric: { id: 'general', title: 'General', criteria: [] },
  others: [],
  people: [],
  comments: [],
};

/** Stands for the server, and keeps the addresses that it was asked for. */
function server(): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (input: RequestInfo | URL) => {
    asked.push(input instanceof Request ? input.url : String(input));
    return Response.json(EMPTY_BOOK);
  });
  return asked;
}

afterEach(() => vi.unstubAllGlobals());

describe('the scorecards of a session', () => {
  it('are asked for by the session alone that is open', async () => {
    const asked = server();
    bookOf({ id: 'aaaaaaaa', token: 'one' });
    const book = bookOf({ id: 'bbbbbbbb', token: 'two' });
    await vi.waitFor(() => expect(book.state.getSnapshot().status).toBe('open'));
    asked.length = 0;
    document.dispatchEvent(new Event('visibilitychange'));
    await vi.waitFor(() => expect(asked.join()).toContain('bbbbbbbb'));
    expect(asked.join()).not.toContain('aaaaaaaa');
  });
});
