import { memo } from 'react';
import type { Mark, Replay } from '../../replay/replay';
import { MAX_SHOWN_LANES, type BarScale } from './bar-scale';
import type { PeopleShown } from './people-shown';
import classes from './replay-bar.module.css';

/** BarNote is a comment on a moment. */
export interface BarNote {
  at: number;
  text: string;
}

export interface BarMarksProps {
  replay: Replay;
  scale: BarScale;
  people: PeopleShown;
  notes: readonly BarNote[];
}

/** BarMarks draws the marks over the bar. The slider's words and the list of moments say them. */
export const BarMarks = memo(function BarMarks({ replay, scale, people, notes }: BarMarksProps) {
  const shown = replay.lanes.slice(0, MAX_SHOWN_LANES);
  const laneOf = (id: string) => shown.findIndex(({ person }) => person === id);
  return (
    <div className={classes.marks} aria-hidden="true">
      {replay.marks.map((mark, index) => {
        if (mark.kind === 'away' || mark.kind === 'offline') return null;
        const lane = laneOf(mark.by);
        const style: Record<string, string> = { left: `${scale.place(mark.at) * 100}%` };
        if (inLane(mark) && lane >= 0) style['--lane'] = String(lane);
        if (mark.kind === 'join' || mark.kind === 'leave') style.color = people.color(mark.by);
        if (mark.kind === 'quiet') {
          style.width = `${Math.max(0, scale.place(mark.until) - scale.place(mark.at)) * 100}%`;
        }
        const status = mark.kind === 'run' ? mark.status : undefined;
        return (
          <span
            key={index}
            className={classes.mark}
            data-kind={mark.kind}
            data-status={status}
            data-lane={'--lane' in style || undefined}
            style={style}
          />
        );
      })}
      {notes.map(({ at }, index) => (
        <span
          key={`note ${index}`}
          className={classes.mark}
          data-kind="comment"
          style={{ left: `${scale.place(at) * 100}%` }}
        />
      ))}
    </div>
  );
});

function inLane({ kind }: Mark): boolean {
  return kind === 'insertion' || kind === 'join' || kind === 'leave';
}
