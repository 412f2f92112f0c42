import { lazily } from '../../../components/lazily';
import { NotesPanel } from '../../../features/notes/notes-panel';
import { PromptPanel } from '../../../features/prompt/prompt-panel';
import type { GuideStore } from '../../../features/questions/guide-store';
import { calm } from '../../../lib/calm';
import { useReadable } from '../../../lib/use-readable';
import type { Room } from '../../../sync/room';
import type { SideRoom } from '../../../sync/side-room';
import { BesidePanel } from './beside-panel';
import type { Beside } from './use-beside';
import type { Leading } from '../use-leading';
import type { SessionRecord } from '../../session/use-session-record';

const { Component: PeoplePanel, preload } = lazily(
  async () => (await import('../../../features/people/people-panel')).PeoplePanel,
);
void calm.then(preload);

const { Component: AskQuestion } = lazily(
  async () => (await import('../questions/ask-question')).AskQuestion,
);
const { Component: GuidePanel } = lazily(
  async () => (await import('../../../features/questions/guide-panel')).GuidePanel,
);

export interface RoomBesideProps {
  room: Room;
  record: SessionRecord;
  leading: Leading | null;
  beside: Beside;
  /** The interviewers' document; null for all others, and until it is open. */
  notes: SideRoom | null;
  onInvite: (() => void) | null;
  /** What interviewers have of the question; null: nothing, or nothing yet. */
  guide: GuideStore | null;
  /** Runs all tests; null where they cannot be run now. */
  onTests: (() => void) | null;
}

/** RoomBeside joins what stands beside the editor: problem, notes, people. */
export function RoomBeside({ room, record, leading, beside, notes, ...rest }: RoomBesideProps) {
  const { onInvite, guide, onTests } = rest;
  const people = useReadable(room.people);
  const files = useReadable(room.files);
  const { session, saved } = record;
  const absent = session?.participants.filter(
    ({ id, waiting }) => !waiting && !people.some((person) => person.id === id),
  );
  const fileName = (id: string) =>
    files.length > 1 ? (files.find((file) => file.id === id)?.name ?? '') : '';
  return (
    <BesidePanel
      beside={beside}
      parts={{
        problem: (
          <PromptPanel
            text={room.doc.getText('prompt')}
            writes={saved.participant.role === 'interviewer'}
            more={leading && <AskQuestion room={room} record={record} />}
          />
        ),
        guide: guide && <GuidePanel {...{ guide, room, onTests }} />,
        notes: notes && <NotesPanel notes={notes} />,
        people: (
          <PeoplePanel
            people={people}
            absent={absent ?? []}
            fileName={fileName}
            leading={leading}
            onInvite={onInvite}
            onJump={(id) => room.following.jump(id)}
          />
        ),
      }}
    />
  );
}
