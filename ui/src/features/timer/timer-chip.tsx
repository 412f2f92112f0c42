import { Popover, UnstyledButton } from '@mantine/core';
import { Pause, Timer as TimerIcon } from 'lucide-react';
import { useEffect, useId, useState } from 'react';
import type * as Y from 'yjs';
import { calm } from '../../lib/calm';
import { clockText } from '../../lib/format-time';
import type { ServerClock } from '../../lib/server-clock';
import { TEXTS } from '../../lib/texts';
import { useReadable } from '../../lib/use-readable';
import { shownOf, type SharedTimer, type Timer } from '../../sync/timer';
import { TimerControls } from './timer-controls';
import { useServerNow } from './use-server-now';
import classes from './timer-chip.module.css';

export interface TimerChipProps {
  doc: Y.Doc;
  timer: SharedTimer;
  clock: ServerClock;
  /** Whether this person sets it. */
  leads: boolean;
}

const T = TEXTS.beside.timer;

/**
 * TimerChip is the time that everybody sees. Where there is none, only those who can set one see
 * anything.
 */
export function TimerChip({ doc, timer, clock, leads }: TimerChipProps) {
  const [opened, setOpened] = useState(false);
  const heading = useId();
  const current = useReadable(timer);
  const running = current !== null && current.at !== null;
  useEffect(() => void (running ? clock.look() : calm.then(() => clock.look())), [clock, running]);
  if (!leads) {
    return (
      current && (
        <span role="timer" aria-live="off">
          <Face timer={current} clock={clock} />
        </span>
      )
    );
  }
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom"
      width={272}
      shadow="xl"
      trapFocus
      returnFocus
      withRoles={false}
    >
      <Popover.Target>
        <UnstyledButton
          className={classes.button}
          aria-haspopup="dialog"
          aria-expanded={opened}
          aria-label={current ? undefined : T.none}
          onClick={() => setOpened((now) => !now)}
        >
          {current ? (
            <Face timer={current} clock={clock} />
          ) : (
            <span className={classes.face}>
              <TimerIcon size={15} aria-hidden="true" />
            </span>
          )}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className={classes.dropdown} role="dialog" aria-labelledby={heading}>
        <h2 id={heading} className={classes.title}>
          {T.label}
        </h2>
        <p className={classes.lead}>{T.lead}</p>
        <TimerControls doc={doc} timer={current} clock={clock} onDone={() => setOpened(false)} />
      </Popover.Dropdown>
    </Popover>
  );
}

/**
 * Face shows the time. It never blinks: colour changes once, when it is over, and the words say so.
 */
function Face({ timer, clock }: { timer: Timer; clock: ServerClock }) {
  const now = useServerNow(clock, timer.at !== null);
  const shown = shownOf(timer, now);
  const over = timer.length > 0 && shown < 0;
  const paused = timer.at === null;
  const time = clockText(timer.length > 0 && !over ? Math.ceil(shown / 1000) * 1000 : shown);
  const words = over ? T.over(time) : timer.length > 0 ? T.remaining(time) : T.elapsed(time);
  const Icon = paused ? Pause : TimerIcon;
  return (
    <>
      <span className={classes.face} data-over={over}>
        <Icon size={15} aria-hidden="true" />
        <span aria-hidden="true" className={classes.time} data-testid="timer">
          {over ? `+${time}` : time}
        </span>
        <span className="visually-hidden">
          {T.label}: {words}
          {paused && `, ${T.paused}`}
        </span>
      </span>
      <span role="status" className="visually-hidden">
        {over ? T.timeUp : ''}
      </span>
    </>
  );
}
