import {
  useEffect,
  useMemo,
  useRef,
  useState,
  type CSSProperties,
  type PointerEvent,
  type RefObject,
} from 'react';
import { replay as T } from '../../lib/texts/replay';
import { clockText } from '../../lib/format-time';
import type { Replay } from '../../replay/replay';
import { BarScale, barsPath, MAX_SHOWN_LANES } from './bar-scale';
import { BarMarks, type BarNote } from './bar-marks';
import type { PeopleShown } from './people-shown';
import type { Playback } from './playback';
import classes from './replay-bar.module.css';
import { placeText, valueText } from './value-text';

export interface ReplayBarProps {
  playback: Playback;
  people: PeopleShown;
  /** Pauses at their full length. */
  realTime: boolean;
  /** Comments on moments. */
  notes?: readonly BarNote[];
}

const NO_NOTES: readonly BarNote[] = [];

/** A mark is under the pointer when it is so near, in pixels. */
const NEAR_PX = 6;

/** While it plays, a screen reader's value changes this often. */
const SPOKEN_MS = 1_000;

const HEIGHT = 30;
const LANE = 12;

/** ReplayBar is the whole interview at a glance, and the slider to move in it. */
export function ReplayBar({ playback, people, realTime, notes = NO_NOTES }: ReplayBarProps) {
  const { replay } = playback.player;
  const scale = useMemo(() => new BarScale(replay.duration, replay.idle, !realTime), [replay, realTime]);
  const bar = useRef<HTMLDivElement>(null);
  const [hover, setHover] = useState<{ place: number; text: string } | null>(null);
  const played = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLDivElement>(null);
  usePosition({ bar, played, head }, playback, scale, people);

  const placeOf = ({ clientX }: PointerEvent): number => {
    const box = bar.current?.getBoundingClientRect();
    return box ? (clientX - box.left) / box.width : 0;
  };
  const point = (event: PointerEvent<HTMLDivElement>) => {
    const place = Math.min(1, Math.max(0, placeOf(event)));
    const at = scale.timeAt(place);
    if (event.buttons === 1) playback.seek(at);
    const width = bar.current?.clientWidth ?? 1;
    const away = (mark: { at: number }) => Math.abs(scale.place(mark.at) - place) * width;
    const note = nearest(notes, away);
    const text = note ? `${clockText(note.at)}, ${note.text}` : null;
    setHover({ place, text: text ?? placeText(replay, at, nearest(replay.marks, away), people) });
  };
  const grab = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    playback.seek(scale.timeAt(placeOf(event)));
  };
  return (
    <div className={classes.frame}>
      <div
        ref={bar}
        className={classes.bar}
        style={{ '--lanes': Math.min(MAX_SHOWN_LANES, replay.lanes.length) } as CSSProperties}
        role="slider"
        tabIndex={0}
        aria-label={T.slider}
        aria-valuemin={0}
        aria-valuemax={Math.round(replay.duration / 1000)}
        onPointerDown={grab}
        onPointerMove={point}
        onPointerLeave={() => setHover(null)}
      >
        <Activity replay={replay} scale={scale} people={people} />
        <BarMarks replay={replay} scale={scale} people={people} notes={notes} />
        <div ref={played} className={classes.played} aria-hidden="true" />
        <div ref={head} className={classes.way} aria-hidden="true">
          <div className={classes.head} />
        </div>
      </div>
      {hover && (
        <div
          className={classes.hint}
          style={{ left: `clamp(90px, ${hover.place * 100}%, calc(100% - 90px))` }}
          aria-hidden="true"
        >
          {hover.text}
        </div>
      )}
    </div>
  );
}

function nearest<M>(marks: readonly M[], distance: (mark: M) => number): M | null {
  let best: M | null = null;
  let least = NEAR_PX;
  for (const mark of marks) {
    const away = distance(mark);
    if (away > least) continue;
    least = away;
    best = mark;
  }
  return best;
}

/**
 * usePosition moves the head and says the moment, without React: it happens each frame. The spoken
 * value follows at once while nothing plays.
 */
function usePosition(
  { bar, played, head }: Record<'bar' | 'played' | 'head', RefObject<HTMLDivElement | null>>,
  playback: Playback,
  scale: BarScale,
  people: PeopleShown,
): void {
  useEffect(() => {
    let spoken = -Infinity;
    const show = () => {
      const element = bar.current;
      if (!element) return;
      const moment = playback.moment.getSnapshot();
      const place = scale.place(playback.at);
      // Transforms alone: neither style nor layout of the marks and lanes is worked out again.
      const [done, way] = [played.current, head.current];
      if (done) done.style.transform = `scaleX(${place})`;
      if (way) way.style.transform = `translateX(${place * 100}%)`;
      const now = performance.now();
      if (playback.state.getSnapshot().playing && now - spoken < SPOKEN_MS) return;
      spoken = now;
      element.setAttribute('aria-valuenow', String(Math.round(moment.at / 1000)));
      element.setAttribute('aria-valuetext', valueText(playback.player, moment, people));
    };
    show();
    const stops = [playback.moment.subscribe(show), playback.state.subscribe(show)];
    return () => stops.forEach((stop) => stop());
  }, [bar, played, head, playback, scale, people]);
}

interface ActivityProps {
  replay: Replay;
  scale: BarScale;
  people: PeopleShown;
}

/** Activity draws everybody's edits together, and a lane for each person under it. */
function Activity({ replay, scale, people }: ActivityProps) {
  const { duration, lanes, marks } = replay;
  const together = useMemo(() => sum(lanes.map(({ counts }) => counts)), [lanes]);
  const most = Math.max(1, ...together);
  const percent = (place: number) => `${place * 100}%`;
  return (
    <div className={classes.activity} aria-hidden="true">
      {scale.pieces
        .filter(({ idle }) => idle)
        .map(({ from, left, right }) => (
          <div
            key={from}
            className={classes.idle}
            style={{ left: percent(left), width: percent(right - left) }}
          />
        ))}
      <Bars counts={together} {...{ scale, duration, most }} height={HEIGHT} className={classes.together} />
      {lanes.slice(0, MAX_SHOWN_LANES).map(({ person, counts }) => (
        <div key={person} className={classes.lane}>
          {marks.map(
            (mark, index) =>
              (mark.kind === 'away' || mark.kind === 'offline') &&
              mark.by === person && (
                <div
                  key={index}
                  className={classes.away}
                  style={{
                    left: percent(scale.place(mark.at)),
                    width: percent(Math.max(0.002, scale.place(mark.until) - scale.place(mark.at))),
                  }}
                />
              ),
          )}
          <Bars
            {...{ counts, scale, duration }}
            most={Math.max(1, ...counts)}
            height={LANE}
            color={people.color(person)}
          />
        </div>
      ))}
    </div>
  );
}

interface BarsProps {
  counts: ArrayLike<number>;
  scale: BarScale;
  duration: number;
  most: number;
  height: number;
  color?: string;
  className?: string;
}

function Bars({ counts, scale, duration, most, height, color, className }: BarsProps) {
  const path = useMemo(
    () => barsPath(counts, { scale, duration, height, most }),
    [counts, scale, duration, height, most],
  );
  return (
    <svg className={className ?? classes.bars} viewBox={`0 0 1000 ${height}`} preserveAspectRatio="none">
      <path d={path} fill={color ?? 'currentColor'} />
    </svg>
  );
}

function sum(all: readonly Uint16Array[]): Uint32Array {
  const total = new Uint32Array(all[0]?.length ?? 0);
  for (const counts of all) counts.forEach((count, bin) => (total[bin] = (total[bin] ?? 0) + count));
  return total;
}

/** ReplayClock is where the replay stands, in figures. */
export function ReplayClock({ playback }: { playback: Playback }) {
  const shown = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const show = () => {
      const text = clockText(playback.at);
      if (shown.current && shown.current.textContent !== text) shown.current.textContent = text;
    };
    show();
    return playback.moment.subscribe(show);
  }, [playback]);
  return (
    <span className={classes.clock}>
      <span ref={shown} data-testid="replay-clock" />
      <span className={classes.total}> / {clockText(playback.duration)}</span>
    </span>
  );
}
