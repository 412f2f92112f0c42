import { Lock } from 'lucide-react';
import type { DragEvent, KeyboardEvent } from 'react';
import { useFocusAfter } from '../../components/use-focus-after';
import { TEXTS } from '../../lib/texts';
import type { FileInfo } from '../../sync/files';
import type { PresentPerson } from '../../sync/presence';
import classes from './file-bar.module.css';
import { ACTIVE_TAB, FILE_PANEL, tabId } from './ids';

/** People shown in a tab; the others are only named. */
const SHOWN = 3;

export interface FileTabProps {
  file: FileInfo;
  active: boolean;
  /** Others who have it open. */
  people: readonly PresentPerson[];
  readOnly: boolean;
  /** Where a file that is being dragged would go. */
  drop: 'before' | 'after' | null;
  onOpen: () => void;
  onRename: () => void;
  onKey: (event: KeyboardEvent) => void;
  drag: {
    onDragStart: (event: DragEvent) => void;
    onDragOver: (event: DragEvent) => void;
    onDrop: (event: DragEvent) => void;
    onDragEnd: () => void;
  };
}

/** FileTab is one file: its name, and who has it open. */
export function FileTab({
  file,
  active,
  people,
  readOnly,
  drop,
  onOpen,
  onRename,
  onKey,
  drag,
}: FileTabProps) {
  // Somebody else may delete the file.
  const tab = useFocusAfter<HTMLButtonElement>(ACTIVE_TAB);
  return (
    <button
      ref={tab}
      type="button"
      role="tab"
      id={tabId(file.id)}
      className={classes.tab}
      aria-selected={active}
      aria-controls={FILE_PANEL}
      aria-label={TEXTS.files.described(
        file.name,
        people.map((person) => person.name),
      )}
      tabIndex={active ? 0 : -1}
      data-drop={drop ?? undefined}
      title={file.name}
      draggable={!readOnly}
      onClick={onOpen}
      onDoubleClick={readOnly ? undefined : onRename}
      onKeyDown={onKey}
      {...drag}
    >
      {readOnly && active && <Lock size={12} aria-hidden="true" />}
      <span className={classes.name}>{file.name}</span>
      {people.slice(0, SHOWN).map((person) => (
        <span
          key={person.id}
          className={classes.dot}
          style={{ background: person.color }}
          title={person.name}
        />
      ))}
    </button>
  );
}
