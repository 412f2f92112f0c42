import { useCallback, useState } from 'react';
import type { Api, Invites } from '../../../lib/api';
import type { Role } from '../../../lib/roles';
import { saveInvite, type SavedSession } from '../../../lib/saved-sessions';

/** useInvites gives the links that this browser holds, and the way to a new one. */
export function useInvites(api: Api, saved: SavedSession) {
  const [invites, setInvites] = useState<Invites>(saved.invites ?? {});
  const renew = useCallback(
    async (role: Role) => {
      const { url } = await api.renewInvite(saved.id, role, saved.token);
      saveInvite(saved.id, role, url);
      setInvites((now) => ({ ...now, [role]: url }));
    },
    [api, saved.id, saved.token],
  );
  return { invites, renew };
}
