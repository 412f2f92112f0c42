import { Button } from '@mantine/core';
import { Pause, Play, X } from 'lucide-react';
import { useState } from 'react';
import type * as Y from 'yjs';
import type { ServerClock } from '../../lib/server-clock';
import { TEXTS } from '../../lib/texts';
import { pausedTimer, resumedTimer, setTimer, startedTimer, type Timer } from '../../sync/timer';
import classes from './timer-chip.module.css';

export interface TimerControlsProps {
  doc: Y.Doc;
  timer: Timer | null;
  clock: ServerClock;
  onDone: () => void;
}

const MINUTE = 60_000;
const PRESETS = [5, 15, 30, 45, 60];
const MAX_MINUTES = 24 * 60;
const T = TEXTS.beside.timer;

/** TimerControls is what an interviewer does with the timer. */
export function TimerControls({ doc, timer, clock, onDone }: TimerControlsProps) {
  const start = (minutes: number) => {
    setTimer(doc, startedTimer(minutes * MINUTE, clock.now()));
    onDone();
  };
  return (
    <>
      {timer && <Running doc={doc} timer={timer} clock={clock} />}
      <div className={classes.presets}>
        {PRESETS.map((minutes) => (
          <Button
            key={minutes}
            size="xs"
            variant="default"
            className={classes.preset}
            onClick={() => start(minutes)}
          >
            {T.minutes(minutes)}
          </Button>
        ))}
        <Button size="xs" variant="default" className={classes.preset} onClick={() => start(0)}>
          {T.countUp}
        </Button>
      </div>
      <CustomLength onStart={start} />
    </>
  );
}

function Running({ doc, timer, clock }: { doc: Y.Doc; timer: Timer; clock: ServerClock }) {
  const running = timer.at !== null;
  const toggle = () =>
    setTimer(doc, running ? pausedTimer(timer, clock.now()) : resumedTimer(timer, clock.now()));
  return (
    <div className={classes.running}>
      <Button size="xs" leftSection={running ? <Pause size={14} /> : <Play size={14} />} onClick={toggle}>
        {running ? T.pause : T.resume}
      </Button>
      <Button size="xs" variant="default" leftSection={<X size={14} />} onClick={() => setTimer(doc, null)}>
        {T.remove}
      </Button>
    </div>
  );
}

function CustomLength({ onStart }: { onStart: (minutes: number) => void }) {
  const [text, setText] = useState('');
  const minutes = Number(text);
  const valid = Number.isFinite(minutes) && minutes > 0 && minutes <= MAX_MINUTES;
  return (
    <form
      className={classes.custom}
      onSubmit={(event) => {
        event.preventDefault();
        if (valid) onStart(minutes);
      }}
    >
      <label className={classes.customLabel}>
        {T.custom}
        <input
          className={classes.customInput}
          type="number"
          min={1}
          max={MAX_MINUTES}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <Button type="submit" size="xs" variant="default" disabled={!valid}>
        {T.start}
      </Button>
    </form>
  );
}
