import { canRun } from '../../../features/run/sandbox/kits';
import { RunButton } from '../../../features/run/control/run-button';
import { TestsButton } from '../../../features/tests/tests-button';
import { languageLabel } from '../../../lib/languages';
import { TEXTS } from '../../../lib/texts';
import { setLanguage } from '../../../sync/file-edits';
import type { FileInfo } from '../../../sync/files';
import type { Room } from '../../../sync/room';
import { LanguageSelect } from './language-select';
import type { Program } from '../use-program';

export interface ProgramControlsProps {
  room: Room;
  file: FileInfo;
  program: Program;
  writes: boolean;
  /** Tests that the others do not have. */
  hidden: number;
}

/**
 * ProgramControls is the middle of the top bar: the language of the file that is shown, and its
 * run.
 */
export function ProgramControls({ room, file, program, writes, hidden }: ProgramControlsProps) {
  const unavailable = canRun(file.language) ? undefined : TEXTS.room.cannotRun(languageLabel(file.language));
  return (
    <>
      <LanguageSelect
        value={file.language}
        disabled={!writes}
        onChange={(next) => setLanguage(room.doc, file.id, next)}
      />
      {writes && (
        <RunButton
          state={program.state}
          unavailable={unavailable}
          onRun={program.start}
          onStop={program.stop}
        />
      )}
      {writes && (
        <TestsButton
          room={room}
          hidden={hidden}
          onRun={program.state.status === 'idle' ? program.startTests : null}
        />
      )}
    </>
  );
}
