import { ActionIcon, Tooltip } from '@mantine/core';
import { Plus } from 'lucide-react';
import { useEffect, type ReactNode } from 'react';
import { TEXTS } from '../../lib/texts';
import { useReadable } from '../../lib/use-readable';
import { restoreFile } from '../../sync/file-edits';
import { MAX_FILES, type FileInfo } from '../../sync/files';
import type { Room } from '../../sync/room';
import classes from './file-bar.module.css';
import { FileMenu } from './file-menu';
import { FileTabs } from './file-tabs';
import { tabId } from './ids';
import { NameField } from './name-field';
import { RemovedNotice } from './removed-notice';
import { useFileActions } from './use-file-actions';
import { useRemovedFile } from './use-removed-file';

export interface FileBarProps {
  room: Room;
  writes: boolean;
  /** What one can do with the shown file besides: at the end of the bar. */
  actions?: ReactNode;
}

/** FileBar is the row above the editor: a tab for each file, and what can be done with them. */
export function FileBar({ room, writes, actions }: FileBarProps) {
  const files = useReadable(room.files);
  const active = useReadable(room.active);
  const { removed, dismiss } = useRemovedFile(files);
  const act = useFileActions(room);
  const at = files.indexOf(active);

  useEffect(() => {
    document.getElementById(tabId(active.id))?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [active.id, files]);

  const field = (file?: FileInfo) => (
    <NameField
      initial={file?.name ?? ''}
      others={files.filter((other) => other !== file).map((other) => other.name)}
      onDone={act.named}
      onCancel={act.cancel}
    />
  );
  const undo = (file: FileInfo) => {
    restoreFile(room.doc, file);
    act.open(file.id);
  };
  return (
    <div className={classes.bar}>
      <FileTabs
        room={room}
        writes={writes}
        renaming={act.asking?.kind === 'rename' ? act.asking.id : null}
        renameField={field}
        actions={act}
      />
      {act.asking?.kind === 'add' && field()}
      {writes && <AddButton full={files.length >= MAX_FILES} onClick={act.add} />}
      <div className={classes.actions}>
        {actions}
        {writes && (
          <FileMenu
            file={active}
            first={at <= 0}
            last={at === files.length - 1}
            onRename={() => act.rename(active.id)}
            onMove={(by) => act.move(active.id, by)}
            onRemove={() => act.remove(active.id)}
          />
        )}
      </div>
      <RemovedNotice removed={removed} onUndo={writes ? undo : null} onDismiss={dismiss} />
    </div>
  );
}

function AddButton({ full, onClick }: { full: boolean; onClick: () => void }) {
  return (
    <Tooltip label={full ? TEXTS.files.full : TEXTS.files.add} withArrow openDelay={300}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={28}
        aria-label={TEXTS.files.add}
        disabled={full}
        onClick={onClick}
      >
        <Plus size={16} aria-hidden="true" />
      </ActionIcon>
    </Tooltip>
  );
}
