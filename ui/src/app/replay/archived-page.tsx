import { Badge, Button, Tooltip } from '@mantine/core';
import { Archive, Download, RefreshCw, TriangleAlert } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { MessagePage } from '../../components/message-page';
import { Problem } from '../../components/problem';
import { OpeningPage } from '../../features/replay/opening-page';
import { bookOf } from '../../features/scorecard/scorecard-book';
import { ApiError } from '../../lib/api';
import { archived, archivedBundle, type Archived } from '../../lib/archive-api';
import { problemOfError } from '../../lib/problem-kind';
import { forgetSession, type SavedSession } from '../../lib/saved-sessions';
import { archived as T } from '../../lib/texts/archived';
import { saveFile } from '../session/save-file';
import { useTitle } from '../use-title';
import { ReplayFrame } from './replay-frame';
import { failureText, useOpened } from './use-opened';

/** What the archive has of a session, and the zip of it. */
interface Found {
  about: Archived;
  bundle: Blob;
}

/** After these answers the token opens nothing, here either. */
const LOST: readonly number[] = [401, 403, 404, 410];

/** ArchivedPage replays an interview at the address of its session, which has expired. */
export function ArchivedPage({ saved }: { saved: SavedSession }) {
  const { id, token } = saved;
  const { opened, openFile } = useOpened();
  const [found, setFound] = useState<Found | null>(null);
  const open = useCallback(
    () =>
      openFile(async () => {
        const [about, bundle] = await Promise.all([archived({ id, token }), archivedBundle({ id, token })]);
        setFound({ about, bundle });
        return bundle;
      }),
    [id, token, openFile],
  );
  useEffect(open, [open]);
  useTitle(found?.about.title || saved.title || T.badge);
  const { player, busy, error } = opened;
  const [book] = useState(() => (saved.participant.role === 'interviewer' ? bookOf({ id, token }) : null));
  const gone = error instanceof ApiError && LOST.includes(error.status);
  useEffect(() => {
    if (gone) forgetSession(id);
  }, [gone, id]);

  if (player && found) {
    return (
      <ReplayFrame
        player={player}
        linked
        start={<About {...found.about} />}
        end={<Save {...found} />}
        book={book}
      />
    );
  }
  if (error === null) return <OpeningPage done={busy ?? 0} />;
  if (gone) return <Problem kind={error.status === 404 ? 'expired' : problemOfError(error, 'session')} />;
  return (
    <MessagePage icon={<TriangleAlert size={26} />} title={T.openFailed} detail={detailOf(error, found)}>
      {found ? (
        <Save {...found} />
      ) : (
        <Button leftSection={<RefreshCw size={16} />} onClick={open}>
          {T.again}
        </Button>
      )}
    </MessagePage>
  );
}

function detailOf(error: unknown, found: Found | null): string {
  if (error instanceof ApiError) return error.message;
  return found?.about.record === 'nothing' ? T.nothing : failureText(error);
}

/** About says that this is the archive, and until when. */
function About({ hold, delete_after: deleteAfter }: Archived) {
  const when = deleteAfter ? new Intl.DateTimeFormat('en', { dateStyle: 'long' }) : null;
  const text = hold
    ? T.held
    : when && deleteAfter
      ? T.until(when.format(Date.parse(deleteAfter)))
      : T.forEver;
  return (
    <Tooltip label={text} withArrow>
      <Badge variant="light" color="gray" leftSection={<Archive size={12} />} tabIndex={0} aria-label={text}>
        {T.badge}
      </Badge>
    </Tooltip>
  );
}

function Save({ about, bundle }: Found) {
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<Download size={15} />}
      onClick={() => saveFile(bundle, `parley-${about.id}.zip`)}
    >
      {T.download}
    </Button>
  );
}
