import type { FileNameFault } from '../file-names';

const faults: Record<FileNameFault, string> = {
  empty: 'A file needs a name.',
  tooLong: 'A name has at most 80 characters.',
  slash: 'A name cannot contain a slash.',
  dots: 'A name cannot be dots alone.',
  taken: 'Another file has this name.',
};

/** The files of a session. */
export const files = {
  label: 'Files',
  add: 'New file',
  nameLabel: 'Name of the file',
  namePlaceholder: 'utils.js',
  faults,
  full: 'This session has as many files as it can show.',
  actions: 'File actions',
  rename: 'Rename',
  renameHint: 'F2',
  moveLeft: 'Move left',
  moveRight: 'Move right',
  moveLeftHint: 'Alt+←',
  moveRightHint: 'Alt+→',
  remove: 'Delete',
  removeHint: 'Del',
  firstStays: 'The first file cannot be deleted.',
  removed: (name: string) => `${name} was deleted.`,
  undo: 'Undo',
  dismiss: 'Dismiss',
  described: (name: string, people: readonly string[]) =>
    people.length > 0 ? `${name}, open at ${people.join(', ')}` : name,
  keys: 'Arrow keys change the file, F2 renames it, Delete deletes it, Alt with an arrow key moves it.',
} as const;
