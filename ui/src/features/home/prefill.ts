import { LANGUAGES } from '../../lib/languages';
import { isCallUrl } from '../../lib/call-url';
import { prefilled } from '../../lib/texts/prefilled';
import type { Draft } from './create-draft';

/** Longest texts of a link, in UTF-16 units. */
export const MAX_TITLE = 120;
const MAX_EXTERNAL_ID = 200;

/** The form of a question's id. Whether there is one by that id, the server says. */
const QUESTION = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** Ids that links may still have. */
const RENAMED: Readonly<Record<string, string>> = {
  meetings: 'meeting-rooms',
  limiter: 'rate-limiter',
  review: 'split-the-bill',
};

/** What a link asks the form to hold, and in words what of it cannot be. */
export interface Prefill {
  draft: Partial<Draft>;
  unknown: readonly string[];
}

/**
 * prefillOf reads a link to the form, such as one of an applicant tracking system. Parameters that
 * nobody knows are left alone. Null means that the link asks for nothing.
 */
export function prefillOf(search: string): Prefill | null {
  const asked = new URLSearchParams(search);
  const draft: Partial<Draft> = {};
  const unknown: string[] = [];
  const take = (name: string, read: (value: string) => Partial<Draft> | null) => {
    const value = asked.get(name)?.trim();
    if (!value) return;
    const part = read(value);
    if (part) Object.assign(draft, part);
    else unknown.push(prefilled.unknown[name as keyof typeof prefilled.unknown](value.slice(0, 80)));
  };
  take('title', (value) => ({ title: value.slice(0, MAX_TITLE) }));
  take('language', (value) => {
    const found = LANGUAGES.find(({ id }) => id === value.toLowerCase());
    return found ? { language: found.id } : null;
  });
  take('question', (value) => {
    const id = RENAMED[value] ?? value;
    return QUESTION.test(id) ? { problem: { kind: 'question', id, summary: null } } : null;
  });
  take('external_id', (value) =>
    [...value].length <= MAX_EXTERNAL_ID && !/\p{C}/u.test(value) ? { externalId: value } : null,
  );
  take('call_url', (value) => (isCallUrl(value) ? { callUrl: value } : null));
  return Object.keys(draft).length > 0 || unknown.length > 0 ? { draft, unknown } : null;
}
