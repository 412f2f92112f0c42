import { useMemo } from 'react';
import type { SavedSession } from '../../lib/saved-sessions';
import { SideRoom, type SideRoomOptions } from '../../sync/side-room';
import { useReopened, type Reopened } from './use-reopened';

/** useSideRoom opens a document beside the main one while it is wanted. */
export function useSideRoom(
  { id, participant, token }: SavedSession,
  name: SideRoomOptions['name'],
  wanted: boolean,
): Reopened<SideRoom> {
  const open = useMemo(
    () => (wanted ? () => new SideRoom({ sessionId: id, name, participant, token: token || null }) : null),
    [id, participant, token, name, wanted],
  );
  return useReopened(open);
}
