import { Button } from '@mantine/core';
import { UserPlus } from 'lucide-react';
import { useCallback, useState } from 'react';
import { TEXTS } from '../../lib/texts';
import { LazyShareDialog } from './lazy-share-dialog';
import type { Shareable } from './shareable';
import classes from './share-button.module.css';

/** ShareButton is the Share button and what it opens. */
export function ShareButton({ shareable }: { shareable: Shareable }) {
  const [opened, setOpened] = useState(false);
  const close = useCallback(() => setOpened(false), []);
  return (
    <>
      <Button
        variant="default"
        size="xs"
        leftSection={<UserPlus size={15} />}
        className={classes.button}
        aria-label={TEXTS.room.share}
        aria-haspopup="dialog"
        onClick={() => setOpened(true)}
      >
        <span className={classes.buttonText}>{TEXTS.room.share}</span>
      </Button>
      <LazyShareDialog shareable={shareable} opened={opened} onClose={close} />
    </>
  );
}
