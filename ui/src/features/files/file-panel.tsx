import type { ReactNode } from 'react';
import { useReadable } from '../../lib/use-readable';
import type { Room } from '../../sync/room';
import classes from './file-bar.module.css';
import { FILE_PANEL, tabId } from './ids';

/** FilePanel is the tab panel that holds the shown file. */
export function FilePanel({ room, children }: { room: Room; children: ReactNode }) {
  const { id } = useReadable(room.active);
  return (
    <div role="tabpanel" id={FILE_PANEL} aria-labelledby={tabId(id)} className={classes.panel}>
      {children}
    </div>
  );
}
