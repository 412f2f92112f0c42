import { useState, type ReactNode } from 'react';
import { lazily } from '../../../components/lazily';
import { LazyShareDialog } from '../../../features/people/lazy-share-dialog';
import type { Shareable } from '../../../features/people/shareable';
import type { Api, ServerConfig } from '../../../lib/api';
import { TEXTS } from '../../../lib/texts';
import type { SessionRecord } from '../../session/use-session-record';
import type { Leading } from '../use-leading';
import { shareableOf } from './shareable';
import { useInvites } from './use-invites';

/** Sharing is the way to invite people from anywhere in the room. */
export interface Sharing {
  shareable: Shareable | null;
  /** Opens the dialog; null where there is nothing to share. */
  open: (() => void) | null;
  dialog: ReactNode;
}

const { Component: InvitationPart } = lazily(async () => (await import('./invitation-part')).InvitationPart);

/** useShareable gives what this person can invite with, and the dialog for it. */
export function useShareable(
  api: Api,
  { saved, session }: SessionRecord,
  access: ServerConfig['access'] | null,
  leading: Leading | null,
): Sharing {
  const [opened, setOpened] = useState(false);
  const held = useInvites(api, saved);
  const shareable = shareableOf({ saved, access, ...held });
  if (leading && session && shareable?.kind === 'invites') {
    const title = session.title || TEXTS.room.untitled;
    const link = held.invites.candidate;
    shareable.invitation = (
      <InvitationPart
        key={session.call_url}
        {...{ id: saved.id, title, link }}
        callUrl={session.call_url ?? ''}
        onCallUrl={leading.setCall}
      />
    );
  }
  if (!shareable) return { shareable: null, open: null, dialog: null };
  return {
    shareable,
    open: () => setOpened(true),
    dialog: <LazyShareDialog shareable={shareable} opened={opened} onClose={() => setOpened(false)} />,
  };
}
