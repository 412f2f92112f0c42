import { createSend, type Joined } from './api';
import type { components } from './api-types.gen';
import {
  standingOf,
  timeOf,
  type Interview,
  type InterviewPage,
  type Interviews,
  type MyState,
} from './my-interviews';

type Item = components['schemas']['MyInterview'];

const PATH = '/api/v1/me/sessions';

/** Where a cursor of ours goes on in the archive. */
const ARCHIVE = 'archive:';

const send = createSend();

/**
 * serviceInterviews is the list of the person who is signed in. The service has two: of sessions,
 * and of what is archived. All of it is the one and then what only the other has.
 */
export function serviceInterviews(): Interviews {
  const seen = new Set<string>();
  return {
    forget: () => undefined,
    list: async (state, words, cursor) => {
      if (state !== 'all') return ask(state, words, cursor);
      if (cursor === '') seen.clear();
      const inArchive = cursor.startsWith(ARCHIVE);
      const page = inArchive
        ? await ask('archived', words, cursor.slice(ARCHIVE.length))
        : await ask('all', words, cursor);
      const items = page.items.filter(({ id }) => !seen.has(id));
      for (const { id } of items) seen.add(id);
      if (inArchive) return { items, cursor: page.cursor && ARCHIVE + page.cursor };
      if (page.cursor) return { items, cursor: page.cursor };
      const rest = await ask('archived', words, '');
      const added = rest.items.filter(({ id }) => !seen.has(id));
      for (const { id } of added) seen.add(id);
      return { items: [...items, ...added], cursor: rest.cursor && ARCHIVE + rest.cursor };
    },
  };
}

async function ask(state: MyState, words: string, cursor: string): Promise<InterviewPage> {
  const query = new URLSearchParams();
  if (state !== 'all') query.set('state', state);
  if (words) query.set('q', words);
  if (cursor) query.set('cursor', cursor);
  const answer = await send({ method: 'GET', path: `${PATH}?${query}`, input: {} });
  const page = (await answer.json()) as components['schemas']['MyInterviews'];
  return { items: page.items.map((item) => interviewOf(item)), cursor: page.cursor ?? '' };
}

function interviewOf(item: Item): Interview {
  const expires = timeOf(item.expires_at);
  const kept = item.archived ? timeOf(item.delete_after) : expires;
  return {
    id: item.id,
    title: item.title,
    standing: expires === null ? 'archived' : standingOf(item.status),
    at: timeOf(item.started_at) ?? timeOf(item.created_at) ?? 0,
    people: item.people,
    question: item.question ?? '',
    externalId: item.external_id ?? '',
    team: item.team ?? '',
    mine: item.mine,
    replay: item.record !== 'nothing',
    leads: true,
    archived: item.archived,
    hold: item.hold,
    deleted: item.hold ? null : kept,
    token: '',
  };
}

/** enterMine gets a token for a session of the list. */
export async function enterMine(id: string): Promise<Joined> {
  const call = { method: 'POST', path: `${PATH}/{id}/open`, input: { path: { id } } } as const;
  return (await (await send(call)).json()) as Joined;
}

/** claimInterview takes a session that the token leads into the list of who is signed in. */
export async function claimInterview(session: string, token: string): Promise<void> {
  await send({ method: 'POST', path: PATH, input: { body: { session, token } } });
}
