import { ActionIcon, Menu } from '@mantine/core';
import {
  ChevronLeft,
  ChevronRight,
  EllipsisVertical,
  FlaskConical,
  Link2,
  Pause,
  Play,
  SkipBack,
  SkipForward,
  SquarePlay,
} from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { copyText } from '../../lib/copy-text';
import { replay as T } from '../../lib/texts/replay';
import { useReadable } from '../../lib/use-readable';
import { momentLink } from '../../lib/moment-hash';
import type { PeopleShown } from './people-shown';
import type { Playback } from './playback';
import { ReplayClock } from './replay-bar';
import classes from './replay-controls.module.css';
import { EVERYBODY, NOBODY, type Stage } from './stage';
import { SPEEDS } from './transport';

/** How the replay is looked at. */
export interface Look {
  realTime: boolean;
  showChanged: boolean;
  blind: boolean;
}

export interface ReplayControlsProps {
  playback: Playback;
  stage: Stage;
  people: PeopleShown;
  look: Look;
  onLook: (some: Partial<Look>) => void;
  /** Whether the address leads others to this replay. */
  linked: boolean;
  /** Opens a copy of the code of this moment. */
  onTry: () => void;
}

/** ReplayControls are the buttons under the bar. */
export function ReplayControls(props: ReplayControlsProps) {
  const { playback, stage, people } = props;
  const { playing, speed } = useReadable(playback.state);
  const follow = useReadable(stage.follow);
  return (
    <div className={classes.controls} role="toolbar" aria-label={T.controls}>
      <div className={classes.group}>
        <Step label={T.markBack} icon={<SkipBack size={16} />} onClick={() => playback.toMark(-1)} />
        <Step label={T.stepBack} icon={<ChevronLeft size={18} />} onClick={() => playback.step(-1)} />
        <ActionIcon
          size={36}
          radius="xl"
          aria-label={playing ? T.pause : T.play}
          onClick={() => playback.toggle()}
        >
          {playing ? <Pause size={17} fill="currentColor" /> : <Play size={17} fill="currentColor" />}
        </ActionIcon>
        <Step label={T.stepOn} icon={<ChevronRight size={18} />} onClick={() => playback.step(1)} />
        <Step label={T.markOn} icon={<SkipForward size={16} />} onClick={() => playback.toMark(1)} />
        <span className={classes.wide}>
          <Step
            label={T.nextRun}
            icon={<SquarePlay size={16} />}
            onClick={() => playback.toMark(1, ({ kind }) => kind === 'run')}
          />
        </span>
      </div>
      <ReplayClock playback={playback} />
      <div className={classes.group}>
        <select
          className={classes.select}
          aria-label={T.speed}
          title={T.speed}
          value={speed}
          onChange={(event) => playback.setSpeed(Number(event.currentTarget.value))}
        >
          {SPEEDS.map((one) => (
            <option key={one} value={one}>
              {T.speedOf(one)}
            </option>
          ))}
        </select>
        <select
          className={classes.select}
          aria-label={T.followLabel}
          title={T.followHint}
          value={follow}
          onChange={(event) => stage.followOnly(event.currentTarget.value)}
        >
          <option value={EVERYBODY}>{T.followAll}</option>
          {people.all.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
          <option value={NOBODY}>{T.followNobody}</option>
        </select>
        <MoreMenu {...props} />
      </div>
    </div>
  );
}

function Step({ label, icon, onClick }: { label: string; icon: ReactNode; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" size={32} aria-label={label} title={label} onClick={onClick}>
      {icon}
    </ActionIcon>
  );
}

function MoreMenu({ playback, look, onLook, linked, onTry }: ReplayControlsProps) {
  const { skipIdle } = useReadable(playback.state);
  const [copied, setCopied] = useState('');
  const copy = async () => {
    const done = await copyText(momentLink(location.href, playback.at));
    setCopied(done ? T.copied : T.copyFailed);
  };
  return (
    <Menu position="top-end" width={290} shadow="xl" withinPortal onClose={() => setCopied('')}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={32} aria-label={T.menu}>
          <EllipsisVertical size={17} />
        </ActionIcon>
      </Menu.Target>
      {/* Beside the item: what has a status in it has no name. */}
      <span role="status" className="visually-hidden">
        {copied}
      </span>
      <Menu.Dropdown>
        <Menu.Item leftSection={<FlaskConical size={15} />} onClick={onTry}>
          {T.runMoment}
        </Menu.Item>
        {linked && (
          <Menu.Item leftSection={<Link2 size={15} />} closeMenuOnClick={false} onClick={() => void copy()}>
            {copied || T.copyLink}
          </Menu.Item>
        )}
        <Menu.Divider />
        <Choice on={skipIdle} text={T.skipIdle} onToggle={(on) => playback.setSkipIdle(on)} />
        <Choice on={look.realTime} text={T.realTime} onToggle={(realTime) => onLook({ realTime })} />
        <Choice
          on={look.showChanged}
          text={T.showChanged}
          onToggle={(showChanged) => onLook({ showChanged })}
        />
        <Choice on={look.blind} text={T.blind} onToggle={(blind) => onLook({ blind })} />
      </Menu.Dropdown>
    </Menu>
  );
}

function Choice({ on, text, onToggle }: { on: boolean; text: string; onToggle: (on: boolean) => void }) {
  return (
    <Menu.CheckboxItem checked={on} closeMenuOnClick={false} onChange={onToggle}>
      {text}
    </Menu.CheckboxItem>
  );
}
