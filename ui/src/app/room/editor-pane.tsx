import { Button } from '@mantine/core';
import { CloudOff } from 'lucide-react';
import { ErrorBoundary } from '../../components/error-boundary';
import { EditorSkeleton } from '../../features/editor/editor-skeleton';
import { LazyEditor, type CodeEditorProps } from '../../features/editor/lazy-editor';
import { FollowFrame } from '../../features/editor/follow-frame';
import { TEXTS } from '../../lib/texts';
import { hasDocument, type ConnectionState } from '../../sync/room-connection';
import classes from './editor-pane.module.css';
import { RetryText } from './retry-text';

export interface EditorPaneProps extends CodeEditorProps {
  connection: ConnectionState;
}

/**
 * EditorPane shows the editor once the document has arrived. Text typed before that would end up
 * next to the text that arrives.
 */
export function EditorPane({ connection, ...editor }: EditorPaneProps) {
  const loaded = hasDocument(connection);
  if (connection.status === 'offline' && !loaded) {
    return (
      <div className={classes.away} role="status">
        <CloudOff size={26} aria-hidden="true" />
        <h2>{TEXTS.problems.serverAway.title}</h2>
        <p>{TEXTS.problems.serverAway.detail}</p>
        {!connection.saved && <p className={classes.kept}>{TEXTS.connection.keptWaiting}</p>}
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
      <FollowFrame room={editor.room} />
    </ErrorBoundary>
  );
}

/**
 * The editor's chunk did not load: the server has a new version of the page, or the network
 * dropped.
 */
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
