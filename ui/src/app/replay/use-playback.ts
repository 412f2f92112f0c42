import { useEffect, useRef, useState } from 'react';
import { momentOfHash } from '../../lib/moment-hash';
import type { PeopleShown } from '../../features/replay/people-shown';
import { Playback } from '../../features/replay/playback';
import { replayKeys } from '../../features/replay/replay-keys';
import { Stage } from '../../features/replay/stage';
import type { Player } from '../../replay/replay';

export interface Playing {
  playback: Playback;
  stage: Stage;
}

/** usePlayback opens a player for the page: its clock, its keys, and the moment of the address. */
export function usePlayback(player: Player, people: PeopleShown): Playing | null {
  const [playing, setPlaying] = useState<Playing | null>(null);
  const shown = useRef(people);
  useEffect(() => {
    shown.current = people;
  }, [people]);
  useEffect(() => {
    const playback = new Playback(player);
    const stage = new Stage(playback);
    const jump = () => {
      const at = momentOfHash(location.hash);
      if (at !== null) playback.seek(at);
    };
    const press = (event: KeyboardEvent) => {
      const used = replayKeys(event, {
        toggle: () => playback.toggle(),
        step: (by) => playback.step(by),
        seekBy: (ms) => playback.seekBy(ms),
        seekTo: (share) => playback.seek(share * playback.duration),
        mark: (direction) => playback.toMark(direction),
        nextRun: () => playback.toMark(1, ({ kind }) => kind === 'run'),
        follow: () => stage.followNext(shown.current.all.map(({ id }) => id)),
      });
      if (used) event.preventDefault();
    };
    jump();
    window.addEventListener('hashchange', jump);
    window.addEventListener('keydown', press);
    setPlaying({ playback, stage });
    return () => {
      window.removeEventListener('hashchange', jump);
      window.removeEventListener('keydown', press);
      stage.dispose();
      playback.dispose();
      setPlaying(null);
    };
  }, [player]);
  return playing;
}
