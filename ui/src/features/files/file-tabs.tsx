import { Fragment, type ReactNode } from 'react';
import { TEXTS } from '../../lib/texts';
import { useReadable } from '../../lib/use-readable';
import type { FileInfo } from '../../sync/files';
import type { Room } from '../../sync/room';
import classes from './file-bar.module.css';
import { fileKeys, type FileActions } from './file-keys';
import { FileTab } from './file-tab';
import { useDrag } from './use-drag';

export interface FileTabsProps {
  room: Room;
  writes: boolean;
  /** Id of the file whose tab is a field at the moment. */
  renaming: string | null;
  renameField: (file: FileInfo) => ReactNode;
  actions: FileActions & { place: (id: string, index: number) => void };
}

/** FileTabs is the list of the files, with who is in each. */
export function FileTabs({ room, writes, renaming, renameField, actions }: FileTabsProps) {
  const files = useReadable(room.files);
  const active = useReadable(room.active);
  const people = useReadable(room.people);
  const { dropOf, handlersOf } = useDrag(files, actions.place);
  const press = fileKeys(files, actions, writes);
  return (
    <div
      role="tablist"
      aria-label={TEXTS.files.label}
      aria-description={TEXTS.files.keys}
      className={classes.tabs}
    >
      {files.map((file) => (
        <Fragment key={file.id}>
          {renaming === file.id ? (
            renameField(file)
          ) : (
            <FileTab
              file={file}
              active={file.id === active.id}
              people={people.filter((person) => !person.self && person.file === file.id)}
              readOnly={!writes}
              drop={dropOf(file.id)}
              onOpen={() => actions.open(file.id)}
              onRename={() => actions.rename(file.id)}
              onKey={(event) => press(event, file.id)}
              drag={handlersOf(file.id)}
            />
          )}
        </Fragment>
      ))}
    </div>
  );
}
