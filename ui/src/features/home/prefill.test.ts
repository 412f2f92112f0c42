import { describe, expect, test } from 'vitest';
import { prefillOf } from './prefill';

describe('prefillOf', () => {
  test('fills what it knows', () => {
    const link =
      '?title=%20R%26D%20&language=Python&question=islands&external_id=c%2F1&call_url=https%3A%2F%2Fmeet.example%2Fa';
    expect(prefillOf(link)).toEqual({
      draft: {
        title: 'R&D',
        language: 'python',
        problem: { kind: 'question', id: 'islands', summary: null },
        externalId: 'c/1',
        callUrl: 'https://meet.example/a',
      },
      unknown: [],
    });
  });

  test('says what it does not know, and leaves foreign parameters alone', () => {
    const filled = prefillOf(
      '?utm=1&language=cobol&question=No+id&external_id=a%0Ab&call_url=javascript:alert(1)&title=T',
    );
    expect(filled?.draft).toEqual({ title: 'T' });
    expect(filled?.unknown).toHaveLength(4);
    expect(filled?.unknown.join()).toContain('cobol');
  });

  test('knows questions by the ids that they had before', () => {
    const problem = { kind: 'question', id: 'meeting-rooms', summary: null };
    expect(prefillOf('?question=meetings')?.draft).toEqual({ problem });
  });

  test.each(['', '?', '?utm_source=x', '?title=', '?title=%20'])('%j asks for nothing', (search) => {
    expect(prefillOf(search)).toBeNull();
  });

  test('cuts a long title, and refuses a long id and a long link', () => {
    const filled = prefillOf(
      `?title=${'x'.repeat(500)}&external_id=${'i'.repeat(201)}&call_url=https://a.example/${'a'.repeat(2000)}`,
    );
    expect(filled?.draft).toEqual({ title: 'x'.repeat(120) });
    expect(filled?.unknown).toHaveLength(2);
  });
});
