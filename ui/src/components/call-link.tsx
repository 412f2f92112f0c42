import { Button } from '@mantine/core';
import { Video } from 'lucide-react';
import { call } from '../lib/texts/call';
import classes from './call-link.module.css';

/** CallLink opens the call beside the page. The call learns nothing of the page. */
export function CallLink({ url }: { url: string }) {
  return (
    <Button
      component="a"
      href={url}
      target="_blank"
      rel="noopener noreferrer"
      variant="default"
      size="xs"
      className={classes.button}
      leftSection={<Video size={15} />}
      aria-label={call.join}
    >
      <span className={classes.text}>{call.join}</span>
    </Button>
  );
}
