import { useMemo, useState } from 'react';
import { lazily } from '../../components/lazily';
import { EditorSkeleton } from '../../features/editor/editor-skeleton';
import { LazySmallEditor } from '../../features/editor/lazy-small-editor';
import { EndedColumn } from '../../features/ended/ended-column';
import { EndedFiles } from '../../features/ended/ended-files';
import { EndedPage } from '../../features/ended/ended-page';
import { EndedPart } from '../../features/ended/ended-part';
import { Markdown } from '../../components/markdown';
import type { Api } from '../../lib/api';
import { momentLink, momentLinked } from '../../lib/moment-hash';
import { revokeReplay, shareReplay } from '../../lib/replay-api';
import { TEXTS } from '../../lib/texts';
import { ended as T } from '../../lib/texts/ended';
import { useReadable } from '../../lib/use-readable';
import { fileText } from '../../sync/files';
import type { ConnectionState } from '../../sync/room-connection';
import type { Room } from '../../sync/room';
import type { SideRoom } from '../../sync/side-room';
import { MAX_RUNS } from '../../sync/runs';
import { usePrompt } from '../../features/prompt/prompt-panel';
import { EndedNotes } from './ended-notes';
import { downloadSession } from '../session/download';
import { RefusedNotice, type RefusedNoticeProps } from '../session/refused-notice';
import type { SessionRecord } from '../session/use-session-record';
import { useTitle } from '../use-title';

export interface EndedFrameProps {
  api: Api;
  room: Room;
  /** The interviewers' document. */
  notes: SideRoom | null;
  refused: RefusedNoticeProps;
  record: SessionRecord;
  connection: ConnectionState;
}

const { Component: SessionReplay } = lazily(
  async () => (await import('../replay/session-replay')).SessionReplay,
  <EditorSkeleton />,
);

const { Component: EndedScorecard } = lazily(async () => (await import('./ended-scorecard')).EndedScorecard);

/** EndedFrame joins what is left of an interview into one page to read. */
export function EndedFrame({ api, room, notes, refused, record, connection }: EndedFrameProps) {
  const { session, saved } = record;
  const runs = useReadable(room.runs);
  const prompt = usePrompt(room.doc.getText('prompt'));
  const title = session?.title || saved.title || TEXTS.room.untitled;
  const loaded = connection.status === 'live' || (connection.status === 'offline' && connection.loaded);
  const { role } = saved.participant;
  const replay = useReplay(record);
  useTitle(title);
  const { id, token } = saved;
  const judges = role === 'interviewer' && token !== '';
  if (replay.opened) return <SessionReplay id={id} token={token} judges={judges} onBack={replay.close} />;
  return (
    <>
      <RefusedNotice {...refused} />
      <EndedPage
        title={title}
        role={role}
        duration={durationOf(session)}
        people={session?.participants.filter(({ waiting }) => !waiting) ?? []}
        runs={{ count: runs.length, more: runs.length >= MAX_RUNS }}
        expiresAt={saved.expiresAt}
        download={() => downloadSession(api, saved)}
        onReplay={replay.open}
        sharing={replay.sharing}
      >
        <EndedColumn>
          <EndedPart title={T.code} flush>
            {loaded && <Code room={room} live={connection.status === 'live'} />}
          </EndedPart>
        </EndedColumn>
        <EndedColumn>
          <EndedPart title={T.problem} empty={prompt.trim() === '' ? T.noProblem : undefined}>
            <Markdown text={prompt} />
          </EndedPart>
          {judges && <EndedNotes notes={notes} />}
        </EndedColumn>
        {judges && (
          <EndedColumn wide>
            <EndedScorecard id={id} token={token} onMoment={replay.openAt} />
          </EndedColumn>
        )}
      </EndedPage>
    </>
  );
}

/**
 * useReplay is the way to the replay, for interviewers, and for others when the session says so. An
 * address with a moment in it leads straight there.
 */
function useReplay({ session, saved }: SessionRecord) {
  const { id, token, participant } = saved;
  const [wanted, setWanted] = useState(momentLinked);
  const leads = participant.role === 'interviewer';
  const there = token !== '' && session !== null && session.record !== 'nothing';
  const may = there && (leads || session.replay === 'all');
  const sharing = useMemo(
    () => ({
      make: (seconds: number | undefined, hidden: boolean) =>
        shareReplay({ id, token }, { expires_in: seconds, private: hidden }),
      revoke: () => revokeReplay({ id, token }),
    }),
    [id, token],
  );
  return {
    opened: may && wanted,
    open: may ? () => setWanted(true) : undefined,
    openAt: may
      ? (at: number) => {
          history.replaceState(history.state, '', momentLink(location.href, at));
          setWanted(true);
        }
      : undefined,
    close: () => {
      history.replaceState(history.state, '', location.pathname);
      setWanted(false);
    },
    sharing: there && leads ? sharing : undefined,
  };
}

function durationOf(session: SessionRecord['session']): number | null {
  if (!session?.started_at || !session.ended_at) return null;
  return Math.max(0, Date.parse(session.ended_at) - Date.parse(session.started_at));
}

/**
 * The last edits may arrive after the page is drawn, so the texts are read again once the
 * connection is live.
 */
function Code({ room, live }: { room: Room; live: boolean }) {
  const list = useReadable(room.files);
  const files = useMemo(
    () =>
      list.map(({ id, name, language }) => ({ id, name, language, text: fileText(room.doc, id).toString() })),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- texts are read from the room
    [list, room, live],
  );
  return (
    <EndedFiles
      files={files}
      render={({ name, language, text }) => (
        <LazySmallEditor text={text} language={language} label={name} readOnly />
      )}
    />
  );
}
