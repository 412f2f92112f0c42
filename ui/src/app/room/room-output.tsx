import { lazily } from '../../components/lazily';
import type { GuideStore } from '../../features/questions/guide-store';
import { OutputPanel } from '../../features/run/output/output-panel';
import type { Room } from '../../sync/room';
import type { Beside } from './beside/use-beside';
import { useNames } from './use-names';
import { useProblemMarks } from './use-problem-marks';
import type { Program } from './use-program';

const { Component: HiddenResults } = lazily(
  async () => (await import('../../features/questions/hidden-results')).HiddenResults,
);

export interface RoomOutputProps {
  room: Room;
  program: Program;
  guide: GuideStore | null;
  beside: Beside;
}

/** RoomOutput is the output, and below it how the hidden tests of an interviewer went. */
export function RoomOutput({ room, program, guide, beside }: RoomOutputProps) {
  const nameOf = useNames(room.people);
  const jump = useProblemMarks(room);
  return (
    <OutputPanel
      room={room}
      state={program.state}
      nameOf={nameOf}
      onInput={program.answer}
      onPage={program.onPage}
      onJump={jump}
      stdin={program.stdin}
      more={guide && <HiddenResults guide={guide} onOpen={() => beside.select('guide')} />}
    />
  );
}
