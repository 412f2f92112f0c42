import { Button } from '@mantine/core';
import { CloudOff } from 'lucide-react';
import { ErrorBoundary } from '../components/error-boundary';
import { EditorSkeleton } from '../features/editor/editor-skeleton';
import { LazyEditor } from '../features/editor/lazy-editor';
import { TEXTS } from '../lib/texts';
import type { ConnectionState } from '../sync/room-connection';
import type { Room } from '../sync/room';
import classes from './editor-pane.module.css';
import { RetryText } from './retry-text';

export interface EditorPaneProps {
  room: Room;
  connection: ConnectionState;
  readOnly: boolean;
  onRun: () => void;
  onPosition: (line: number, column: number) => void;
}

/**
 * EditorPane shows the editor once the document has been seen: whatever is typed before that would stand
 * beside the text that then arrives.
 */
export function EditorPane({ connection, ...editor }: EditorPaneProps) {
  const loaded = connection.status === 'live' || (connection.status === 'offline' && connection.loaded);
  if (connection.status === 'offline' && !loaded) {
    return (
      <div className={classes.away} role="status">
        <CloudOff size={26} aria-hidden="true" />
        <h2>{TEXTS.problems.serverAway.title}</h2>
        <p>{TEXTS.problems.serverAway.detail}</p>
        <p className={classes.countdown}>
          <RetryText retryAt={connection.retryAt} />
        </p>
        <Button variant="default" size="xs" onClick={() => editor.room.connection.retryNow()}>
          {TEXTS.connection.retryNow}
        </Button>
      </div>
    );
  }
  if (!loaded) return <EditorSkeleton />;
  return (
    <ErrorBoundary fallback={<EditorFailed />}>
      <LazyEditor {...editor} />
    </ErrorBoundary>
  );
}

/** A chunk that did not arrive: the page was rebuilt, or the network dropped at the wrong moment. */
function EditorFailed() {
  return (
    <div className={classes.away} role="alert">
      <h2>{TEXTS.problems.unexpected.title}</h2>
      <Button variant="default" size="xs" onClick={() => location.reload()}>
        {TEXTS.problems.reload}
      </Button>
    </div>
  );
}
