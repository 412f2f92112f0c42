import { useState, type ReactNode } from 'react';
import { ShareDialog, type Shareable } from '../../../features/people/share-dialog';
import type { Api, ServerConfig } from '../../../lib/api';
import type { SavedSession } from '../../../lib/saved-sessions';
import { shareableOf } from './shareable';
import { useInvites } from './use-invites';

/** Sharing is the way to invite people from anywhere in the room. */
export interface Sharing {
  shareable: Shareable | null;
  /** Opens the dialog; null where there is nothing to share. */
  open: (() => void) | null;
  dialog: ReactNode;
}

/** useShareable gives what this person can invite with, and the dialog for it. */
export function useShareable(api: Api, saved: SavedSession, access: ServerConfig['access'] | null): Sharing {
  const [opened, setOpened] = useState(false);
  const shareable = shareableOf({ saved, access, ...useInvites(api, saved) });
  if (!shareable) return { shareable: null, open: null, dialog: null };
  return {
    shareable,
    open: () => setOpened(true),
    dialog: <ShareDialog shareable={shareable} opened={opened} onClose={() => setOpened(false)} />,
  };
}
