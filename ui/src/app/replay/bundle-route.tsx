import { Button } from '@mantine/core';
import { FolderOpen } from 'lucide-react';
import { useEffect } from 'react';
import { DropPage } from '../../features/replay/drop-page';
import { OpeningPage } from '../../features/replay/opening-page';
import { replay as T } from '../../lib/texts/replay';
import { ReplayError } from '../../replay/replay';
import { useTitle } from '../use-title';
import { ReplayFrame } from './replay-frame';
import { failureText, useOpened } from './use-opened';

/** Where `parley replay FILE` serves its file. */
const SERVED = '/replay/bundle.zip';

/** BundleRoute replays an exported file, which stays on this device. */
export function BundleRoute() {
  const { opened, openFile, close } = useOpened();
  const { player, busy, error } = opened;
  useTitle(T.title);
  const served = new URLSearchParams(location.search).has('bundle');
  useEffect(() => {
    if (served) openFile(fetchServed);
  }, [served, openFile]);
  if (player) {
    return (
      <ReplayFrame
        player={player}
        linked={served}
        end={
          <Button size="xs" variant="default" leftSection={<FolderOpen size={15} />} onClick={close}>
            {T.drop.another}
          </Button>
        }
      />
    );
  }
  if (served && busy !== null) return <OpeningPage done={busy} />;
  return (
    <DropPage
      busy={busy}
      failure={error === null ? null : failureText(error)}
      onFile={(file) => openFile(() => Promise.resolve(file))}
    />
  );
}

async function fetchServed(): Promise<Blob> {
  const answer = await fetch(SERVED).catch(() => null);
  if (!answer?.ok) throw new ReplayError('broken', T.drop.noServerFile);
  return answer.blob();
}
