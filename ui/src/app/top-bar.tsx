import { useReadable } from '../lib/use-readable';
import { TEXTS } from '../lib/texts';
import { Logo } from '../components/logo';
import { LANGUAGES, languageLabel } from '../lib/languages';
import { PeopleList } from '../features/people/people-list';
import { SharePopover } from '../features/people/share-popover';
import { canRun } from '../features/run/kits';
import { RunButton } from '../features/run/run-button';
import type { RunnerState } from '../features/run/run-controller';
import { MAIN_FILE, setLanguage } from '../sync/files';
import type { ConnectionState } from '../sync/room-connection';
import type { Room } from '../sync/room';
import { ConnectionBadge } from './connection-badge';
import { LanguageSelect } from './language-select';
import { shareableOf, type ShareSource } from './shareable';
import classes from './top-bar.module.css';

export interface TopBarProps {
  room: Room;
  title: string;
  writes: boolean;
  share: ShareSource;
  connection: ConnectionState;
  runState: RunnerState;
  onRun: () => void;
  onStop: () => void;
}

/** TopBar: what this is, what one does, how it stands, who is here. */
export function TopBar({ room, title, writes, share, connection, runState, onRun, onStop }: TopBarProps) {
  const people = useReadable(room.people);
  const { language } = useReadable(room.mainFile);
  const shareable = shareableOf(share);
  const unavailable = canRun(language) ? undefined : TEXTS.room.cannotRun(languageLabel(language));
  return (
    <header className={classes.bar}>
      <div className={classes.start}>
        <Logo compact />
        <h1 className={classes.title} title={title}>
          {title}
        </h1>
      </div>
      <div className={classes.middle}>
        <LanguageSelect
          value={language}
          languages={LANGUAGES}
          disabled={!writes}
          onChange={(next) => setLanguage(room.doc, MAIN_FILE, next)}
        />
        {writes && <RunButton state={runState} unavailable={unavailable} onRun={onRun} onStop={onStop} />}
      </div>
      <div className={classes.end}>
        <ConnectionBadge state={connection} onRetry={() => room.connection.retryNow()} />
        <PeopleList people={people} />
        {shareable && <SharePopover shareable={shareable} />}
      </div>
    </header>
  );
}
