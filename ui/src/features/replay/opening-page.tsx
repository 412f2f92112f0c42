import { Loader } from '@mantine/core';
import { replay as T } from '../../lib/texts/replay';
import classes from './drop-page.module.css';

/** OpeningPage stands there while a recording is read. */
export function OpeningPage({ done }: { done: number }) {
  return (
    <div className={classes.opening} role="status">
      <Loader size="sm" />
      <p>{T.opening}</p>
      <progress className={classes.progress} max={1} value={done} aria-label={T.opening} />
    </div>
  );
}
