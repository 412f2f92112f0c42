import type { Shareable } from '../../../features/people/shareable';
import type { Invites, ServerConfig } from '../../../lib/api';
import type { Role } from '../../../lib/roles';
import type { SavedSession } from '../../../lib/saved-sessions';

export interface ShareSource {
  saved: SavedSession;
  access: ServerConfig['access'] | null;
  /** The links that this browser holds. */
  invites: Invites;
  /** Makes a new link for a role, which ends the one before it. */
  renew: (role: Role) => Promise<void>;
}

/**
 * shareableOf says what this person can invite with; null where there is no reason for a Share
 * button.
 */
export function shareableOf({ saved, access, invites, renew }: ShareSource): Shareable | null {
  if (access === 'open') return { kind: 'open', url: `${location.origin}/s/${saved.id}` };
  const renews = saved.participant.role === 'interviewer' && access === 'invite';
  if (!renews && Object.keys(invites).length === 0) return null;
  return { kind: 'invites', invites, renew: renews ? renew : undefined };
}
