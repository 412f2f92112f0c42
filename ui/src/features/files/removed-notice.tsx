import { Button, CloseButton } from '@mantine/core';
import { useFocusAfter } from '../../components/use-focus-after';
import { TEXTS } from '../../lib/texts';
import type { FileInfo } from '../../sync/files';
import classes from './file-bar.module.css';
import { ACTIVE_TAB } from './ids';

export interface RemovedNoticeProps {
  removed: FileInfo | null;
  /** null: a reader cannot bring it back. */
  onUndo: ((file: FileInfo) => void) | null;
  onDismiss: () => void;
}

/** RemovedNotice says that a file is gone, and brings it back with all of its text. */
export function RemovedNotice({ removed, ...on }: RemovedNoticeProps) {
  return <div role="status">{removed && <Removed removed={removed} {...on} />}</div>;
}

function Removed({ removed, onUndo, onDismiss }: RemovedNoticeProps & { removed: FileInfo }) {
  // It goes by itself too, after a while.
  const place = useFocusAfter<HTMLDivElement>(ACTIVE_TAB);
  return (
    <div ref={place} className={classes.notice}>
      <span className={classes.noticeText}>{TEXTS.files.removed(removed.name)}</span>
      {onUndo && (
        <Button size="compact-xs" variant="light" onClick={() => onUndo(removed)}>
          {TEXTS.files.undo}
        </Button>
      )}
      <CloseButton size="sm" aria-label={TEXTS.files.dismiss} onClick={onDismiss} />
    </div>
  );
}
