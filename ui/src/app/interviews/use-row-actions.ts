import { useState } from 'react';
import { useNavigate } from 'react-router';
import { nameOf, type RowActions } from '../../features/interviews/interview-row';
import { ApiError, type Api } from '../../lib/api';
import { archivedBundle } from '../../lib/archive-api';
import { deleteInterview, forgetPerson, holdInterview, shareInterview } from '../../lib/keeping-api';
import type { Interview } from '../../lib/my-interviews';
import { enterMine } from '../../lib/my-interviews-service';
import { forgetSession, saveJoined } from '../../lib/saved-sessions';
import { interviews as T } from '../../lib/texts/interviews';
import { saveFile } from '../session/save-file';

const WHEN = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });

/** Note is what came of the last action. */
export interface Note {
  text: string;
  failed: boolean;
}

export interface Rows {
  actions: RowActions;
  busyId: string;
  note: Note | null;
  say: (note: Note) => void;
  /** The interview whose deletion is asked about. */
  doomed: Interview | null;
  keep: () => void;
  remove: () => Promise<void>;
  /** The interview in which somebody is to be forgotten. */
  forgetting: Interview | null;
  forgetNobody: () => void;
  forget: (person: { id: string; name: string }) => Promise<void>;
}

/** useRowActions is what a person does with the interviews of the list. */
export function useRowActions(api: Api, change: (id: string, next: Interview | null) => void): Rows {
  const navigate = useNavigate();
  const [busyId, setBusyId] = useState('');
  const [note, setNote] = useState<Note | null>(null);
  const [doomed, setDoomed] = useState<Interview | null>(null);
  const [forgetting, setForgetting] = useState<Interview | null>(null);
  const during = (id: string, work: () => Promise<string | null>) => {
    setBusyId(id);
    setNote(null);
    work()
      .then(
        (text) => setNote(text === null ? null : { text, failed: false }),
        (error: unknown) => setNote({ text: T.failed(reasonOf(error)), failed: true }),
      )
      .finally(() => setBusyId(''));
  };
  return {
    busyId,
    note,
    say: setNote,
    doomed,
    keep: () => setDoomed(null),
    remove: async () => {
      if (!doomed) return;
      const { id, archived } = doomed;
      await deleteInterview({ id, archived, token: archived ? doomed.token : await tokenOf(doomed) });
      forgetSession(id);
      change(id, null);
      const proof = T.proof(id, WHEN.format(new Date()));
      setNote({ text: `${T.deleted(nameOf(doomed))} ${proof}`, failed: false });
    },
    forgetting,
    forgetNobody: () => setForgetting(null),
    forget: async ({ id, name }) => {
      if (!forgetting) return;
      const { participants } = await forgetPerson(forgetting, id);
      // What was still live of it is deleted.
      change(forgetting.id, { ...forgetting, standing: 'archived', people: participants });
      setNote({ text: T.forgotten(name, nameOf(forgetting)), failed: false });
    },
    actions: {
      onOpen: (one) => during(one.id, async () => (void navigate(await addressOf(one)), null)),
      onDownload: (one) =>
        during(one.id, async () => (saveFile(await zipOf(api, one), `parley-${one.id}.zip`), null)),
      onHold: (one, hold) =>
        during(one.id, async () => {
          await holdInterview(one, hold);
          change(one.id, { ...one, hold });
          return hold ? T.held(nameOf(one)) : T.released(nameOf(one));
        }),
      onShare: (one, team) =>
        during(one.id, async () => {
          await shareInterview(one.id, await tokenOf(one), team);
          change(one.id, { ...one, team });
          return team ? T.shared(nameOf(one), team) : T.unshared(nameOf(one));
        }),
      onForget: setForgetting,
      onDelete: setDoomed,
    },
  };
}

/** addressOf gives the page of an interview, and enters it first where the sign-in opens it. */
async function addressOf({ id, standing, token }: Interview): Promise<string> {
  if (token) return `/s/${id}`;
  if (standing === 'archived') return `/interviews/${id}`;
  saveJoined(await enterMine(id));
  return `/s/${id}`;
}

async function tokenOf({ id, token }: Interview): Promise<string> {
  return token || (await enterMine(id)).token;
}

async function zipOf(api: Api, one: Interview): Promise<Blob> {
  return one.archived ? archivedBundle(one) : api.exportSession(one.id, await tokenOf(one));
}

function reasonOf(error: unknown): string {
  return error instanceof ApiError ? error.message : String(error);
}
