import type { Shareable } from '../features/people/share-popover';
import type { ServerConfig } from '../lib/api';
import type { SavedSession } from '../lib/saved-sessions';

export interface ShareSource {
  saved: SavedSession;
  access: ServerConfig['access'] | null;
}

/** shareableOf says what this person can invite with; null where there is no reason for a Share button. */
export function shareableOf({ saved, access }: ShareSource): Shareable | null {
  if (access === 'open') return { kind: 'open', url: `${location.origin}/s/${saved.id}` };
  if (saved.invites && Object.keys(saved.invites).length > 0)
    return { kind: 'invites', invites: saved.invites };
  return saved.participant.role === 'interviewer' && access === 'invite' ? { kind: 'none' } : null;
}
