import { Button } from '@mantine/core';
import { useState } from 'react';
import { Notice } from '../../../components/notice';
import { TEXTS } from '../../../lib/texts';
import { useReadable } from '../../../lib/use-readable';
import { appUpdate } from '../../service-worker';

/** UpdateNotice offers a new version of the page; nobody is interrupted by it. */
export function UpdateNotice() {
  const update = useReadable(appUpdate);
  const [later, setLater] = useState(false);
  if (!update || later) return null;
  return (
    <Notice tone="info" text={TEXTS.connection.update}>
      <Button size="compact-xs" variant="light" onClick={update}>
        {TEXTS.connection.updateNow}
      </Button>
      <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setLater(true)}>
        {TEXTS.connection.updateLater}
      </Button>
    </Notice>
  );
}
