import { ApiError, type Api } from './api';
import { archived, type Archived } from './archive-api';
import {
  standingOf,
  timeOf,
  type Interview,
  type InterviewPage,
  type Interviews,
  type MyState,
} from './my-interviews';
import { keptSessions, type SavedSession } from './saved-sessions';

/** Interviews that are asked for together, and requests at a time. */
const PAGE = 60;
const AT_ONCE = 4;

/**
 * browserInterviews is the list of this browser, where nobody signs in. Its tokens open each
 * interview by itself, so each is asked for, some at a time.
 */
export function browserInterviews(api: Api): Interviews {
  const found = new Map<string, Promise<Interview | null>>();
  const ask = (saved: SavedSession, archives: boolean) => {
    let one = found.get(saved.id);
    if (!one) {
      one = look(api, saved, archives);
      found.set(saved.id, one);
      // What failed is asked for again.
      one.catch(() => found.delete(saved.id));
    }
    return one;
  };
  return {
    forget: (id) => found.delete(id),
    list: async (state, words, cursor): Promise<InterviewPage> => {
      const kept = keptSessions();
      const from = Number(cursor) || 0;
      const part = kept.slice(from, from + PAGE);
      const { archive } = await api.config();
      const items = (await someAtOnce(part, (saved) => ask(saved, archive))).filter((one) => one !== null);
      const next = from + PAGE;
      return {
        items: items.filter((one) => wants(one, state, words)),
        cursor: next < kept.length ? `${next}` : '',
      };
    },
  };
}

/** wants reports whether an interview is in a list. Each word must be in it. */
export function wants(one: Interview, state: MyState, words: string): boolean {
  const inState = state === 'all' || one.standing === state || (state === 'archived' && one.archived);
  const text = [one.id, one.title, one.question, one.externalId, ...one.people.map(({ name }) => name)]
    .join('\n')
    .toLowerCase();
  return (
    inState &&
    words
      .toLowerCase()
      .split(/\s+/)
      .every((word) => text.includes(word))
  );
}

/** someAtOnce calls `work` for each item, a few at a time, and keeps the order. */
async function someAtOnce<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) {
      const item = items[i];
      if (item !== undefined) results[i] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

/** After these answers nothing is behind a token any more. */
const LOST: readonly number[] = [401, 403, 404, 410];

/** orNull gives null where an interview is not, and throws what else went wrong. */
async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiError && LOST.includes(error.status)) return null;
    throw error;
  }
}

async function look(api: Api, saved: SavedSession, archives: boolean): Promise<Interview | null> {
  const { id, token, participant } = saved;
  const leads = participant.role === 'interviewer';
  if (!token) return null;
  const session = saved.expiresAt > Date.now() ? await orNull(api.session(id, token)) : null;
  const mayBeThere = archives && leads && (session === null || session.status === 'ended');
  const archive = mayBeThere ? await orNull(archived({ id, token })) : null;
  if (!session) return archive && archivedInterview(archive, token);
  const { status, title, participants, started_at, created_at, expires_at, record, external_id } = session;
  return {
    ...keptOf(archive, timeOf(expires_at)),
    id,
    title,
    standing: standingOf(status),
    at: timeOf(started_at) ?? timeOf(created_at) ?? saved.openedAt,
    people: participants.map(({ name, role }) => ({ name, role })),
    question: session.question?.title ?? '',
    externalId: external_id ?? '',
    team: '',
    mine: false,
    replay: record !== 'nothing',
    leads,
    token,
  };
}

function archivedInterview(archive: Archived, token: string): Interview {
  return {
    ...keptOf(archive, null),
    id: archive.id,
    title: archive.title,
    standing: 'archived',
    at: timeOf(archive.started_at) ?? timeOf(archive.created_at) ?? 0,
    people: archive.participants.map(({ name, role }) => ({ name, role })),
    question: archive.question ?? '',
    externalId: archive.external_id ?? '',
    team: '',
    mine: false,
    replay: archive.record !== 'nothing',
    leads: true,
    token,
  };
}

function keptOf(archive: Archived | null, expires: number | null) {
  const deleted = archive ? timeOf(archive.delete_after) : expires;
  return {
    archived: archive !== null,
    hold: archive?.hold ?? false,
    deleted: archive?.hold ? null : deleted,
  };
}
