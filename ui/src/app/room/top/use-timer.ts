import { useEffect, useMemo, useState } from 'react';
import type { Api } from '../../../lib/api';
import { ServerClock } from '../../../lib/server-clock';
import type { Room } from '../../../sync/room';
import { SharedTimer } from '../../../sync/timer';

/** useTimer gives the shared timer of a room and the clock that it goes by. */
export function useTimer(api: Api, room: Room): { timer: SharedTimer; clock: ServerClock } | null {
  const clock = useMemo(() => new ServerClock({ serverTime: () => api.serverTime() }), [api]);
  const [timer, setTimer] = useState<SharedTimer | null>(null);
  useEffect(() => {
    const opened = new SharedTimer(room.doc);
    // eslint-disable-next-line react-hooks/set-state-in-effect -- it lives as long as the effect
    setTimer(opened);
    return () => opened.dispose();
  }, [room]);
  return timer && { timer, clock };
}
