import { useEffect, useState } from 'react';
import type { SavedSession } from '../lib/saved-sessions';
import { Room } from '../sync/room';

/** useRoom opens the room while the page shows it. Its cleanup undoes all that opening did. */
export function useRoom({ id, participant, token }: SavedSession): Room | null {
  const [room, setRoom] = useState<Room | null>(null);
  useEffect(() => {
    const opened = new Room({ sessionId: id, participant, token: token || null });
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the room is a resource that lives as long as the effect
    setRoom(opened);
    return () => {
      setRoom(null);
      opened.dispose();
    };
  }, [id, participant, token]);
  return room;
}
