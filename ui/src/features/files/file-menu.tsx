import { ActionIcon, Menu } from '@mantine/core';
import { ArrowLeft, ArrowRight, Ellipsis, Pencil, Trash2 } from 'lucide-react';
import { TEXTS } from '../../lib/texts';
import { MAIN_FILE, type FileInfo } from '../../sync/files';
import classes from './file-bar.module.css';

export interface FileMenuProps {
  file: FileInfo;
  first: boolean;
  last: boolean;
  onRename: () => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

/** FileMenu is everything that one can do with the shown file, for the mouse and for fingers. */
export function FileMenu({ file, first, last, onRename, onMove, onRemove }: FileMenuProps) {
  const hint = (keys: string) => <span className={classes.keys}>{keys}</span>;
  const icon = { size: 14, 'aria-hidden': true } as const;
  return (
    <Menu position="bottom-end" shadow="md" width={200} returnFocus>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={28} aria-label={TEXTS.files.actions}>
          <Ellipsis size={16} aria-hidden="true" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<Pencil {...icon} />}
          rightSection={hint(TEXTS.files.renameHint)}
          // The field takes the focus; the menu must have given it back before.
          onClick={() => setTimeout(onRename)}
        >
          {TEXTS.files.rename}
        </Menu.Item>
        <Menu.Item
          leftSection={<ArrowLeft {...icon} />}
          rightSection={hint(TEXTS.files.moveLeftHint)}
          disabled={first}
          onClick={() => onMove(-1)}
        >
          {TEXTS.files.moveLeft}
        </Menu.Item>
        <Menu.Item
          leftSection={<ArrowRight {...icon} />}
          rightSection={hint(TEXTS.files.moveRightHint)}
          disabled={last}
          onClick={() => onMove(1)}
        >
          {TEXTS.files.moveRight}
        </Menu.Item>
        <Menu.Item
          color="red"
          leftSection={<Trash2 {...icon} />}
          rightSection={hint(TEXTS.files.removeHint)}
          disabled={file.id === MAIN_FILE}
          title={file.id === MAIN_FILE ? TEXTS.files.firstStays : undefined}
          onClick={onRemove}
        >
          {TEXTS.files.remove}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
