import { useEffect, useState } from 'react';
import type { SavedSession } from '../lib/saved-sessions';
import { SideRoom, type SideRoomOptions } from '../sync/side-room';

/** useSideRoom opens a document beside the main one while it is wanted. */
export function useSideRoom(
  { id, participant, token }: SavedSession,
  name: SideRoomOptions['name'],
  wanted: boolean,
): SideRoom | null {
  const [room, setRoom] = useState<SideRoom | null>(null);
  useEffect(() => {
    if (!wanted) return undefined;
    const opened = new SideRoom({ sessionId: id, name, participant, token: token || null });
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the room is a resource that lives as long as the effect
    setRoom(opened);
    return () => {
      setRoom(null);
      opened.dispose();
    };
  }, [id, participant, token, name, wanted]);
  return room;
}
