import type { components } from './api-types.gen';
import type { Role } from './roles';

/** How an interview stands in the list of a person. */
export type Standing = 'live' | 'prepared' | 'ended' | 'archived';

/** What of the list is shown. */
export type MyState = 'all' | Standing;

/** Interview is a line of the list, whoever keeps it. */
export interface Interview {
  id: string;
  title: string;
  standing: Standing;
  /** When it was, in milliseconds since 1970. */
  at: number;
  people: readonly { name: string; role: Role }[];
  question: string;
  externalId: string;
  team: string;
  /** Whether the person owns it, and so may share it. */
  mine: boolean;
  /** Whether there is a replay. */
  replay: boolean;
  /** Whether this person leads it, and so may download, hold and delete it. */
  leads: boolean;
  /** Whether the archive has it. */
  archived: boolean;
  hold: boolean;
  /** When it is deleted for good, in milliseconds since 1970. null: not by itself. */
  deleted: number | null;
  /** What opens it in this browser; "": the sign-in does. */
  token: string;
}

/** InterviewPage is a part of a list. */
export interface InterviewPage {
  items: Interview[];
  /** Leads to the next part; "": there is none. */
  cursor: string;
}

/** Interviews is where a list comes from: the service, or this browser. */
export interface Interviews {
  list: (state: MyState, words: string, cursor: string) => Promise<InterviewPage>;
  /** Forgets what an interview was like, after it was changed. */
  forget: (id: string) => void;
}

type Status = components['schemas']['MyInterview']['status'];

/** standingOf gives the standing of a session that the service still has. */
export function standingOf(status: Status): Standing {
  return ({ waiting: 'prepared', active: 'live', ended: 'ended' } as const)[status];
}

/** timeOf reads a time of the API; null where it is missing. */
export function timeOf(text: string | undefined): number | null {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? null : at;
}
