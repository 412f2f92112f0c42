/** Why a recording cannot be replayed. */
export const replayErrors = {
  notABundle: 'This file is not an exported interview. Choose the zip that “Download everything” gave you.',
  noManifest: 'This zip holds no recording that can be checked: its manifest is missing.',
  newer: 'This recording was made by a newer version of Parley. Open it with that version.',
  broken: 'This recording is damaged and cannot be read. Get a fresh copy of it.',
  cut: 'This file is incomplete. Copy or download it once more.',
  changed: (name: string) =>
    `The recording was changed after it was exported: “${name}” is not what its manifest says.`,
  odd: 'This zip is not written as an export is. It was not opened.',
  paths: 'This zip holds file names that no export has. It was not opened.',
  tooLarge: 'This recording is larger than what can be opened here.',
  tooSlow: 'This recording takes too long to read. It may have been made to do so.',
  nothingRecorded: 'Nothing of this interview was recorded.',
  lost: 'The connection was lost while the recording was loading. Try again.',
} as const;
