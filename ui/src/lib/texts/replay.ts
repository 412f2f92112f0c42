import type { Mark } from '../../replay/replay';
import { clockText } from '../format-time';

const lines = (count: number) => (count === 1 ? '1 line' : `${count} lines`);

const SOURCES = {
  moved: 'moved from elsewhere in the session',
  undo: 'brought back by undo',
  starter: 'starter code',
  formatter: 'written by the formatter',
  assistant: 'from the assistant',
  new: 'not seen before in this session',
} as const;

const RUNS: Record<string, string> = {
  ok: 'finished',
  error: 'failed',
  stopped: 'was stopped',
  timeout: 'hit the time limit',
  running: 'did not end',
};

/** The replay of an interview. Loaded with it, so not part of TEXTS. */
export const replay = {
  title: 'Replay',
  opening: 'Opening the replay…',
  openFailed: 'The replay did not open.',
  again: 'Try again',
  back: 'Back',
  controls: 'Playback',
  slider: 'Moment of the interview',
  play: 'Play (space)',
  pause: 'Pause (space)',
  speed: 'Speed',
  speedOf: (speed: number) => `${speed}×`,
  stepBack: 'One edit back (←)',
  stepOn: 'One edit on (→)',
  markBack: 'Previous mark (,)',
  markOn: 'Next mark (.)',
  nextRun: 'Next run (r)',
  menu: 'More',
  skipIdle: 'Skip pauses',
  realTime: 'Show pauses at full length',
  showChanged: 'Highlight what changed since I paused',
  blind: 'Blind review: roles in place of names',
  copyLink: 'Copy link to this moment',
  copied: 'Link copied',
  copyFailed: 'The link could not be copied',
  runMoment: 'Run this moment',
  follow: 'Follow',
  followAll: 'Whoever types',
  followNobody: 'Nobody',
  followLabel: 'Whom the editor follows',
  followHint: 'Whom the editor follows (f)',
  files: 'Files at this moment',
  problem: 'Problem',
  noProblem: 'No problem was written by this moment.',
  runs: 'Output',
  noRuns: 'Nothing has run yet at this moment.',
  running: 'Running…',
  people: 'People',
  marks: 'Moments',
  sides: 'Beside the code',
  noFiles: 'There is no code yet at this moment.',
  quiet: (until: string) => `Quiet time until ${until}: the others did not see this live.`,
  from: (at: string) => `Older keystrokes were folded together. Single keys can be replayed from ${at} on.`,
  states: { active: 'active', idle: 'idle', away: 'in another tab', gone: 'not here' },
  /** What the slider says. */
  writes: (name: string, file: string) => (file ? `${name} writes ${file}` : `${name} writes`),
  write: (names: string) => `${names} write`,
  nothing: 'Nobody types',
  nobody: 'Nobody is here',
  between: (from: number, to: number) => `${clockText(from)} of ${clockText(to)}`,
  /** In a mark's sentence. */
  mark: (mark: Mark, name: string, about: string): string => {
    switch (mark.kind) {
      case 'run':
        return `${name} ran the program: it ${RUNS[mark.status] ?? 'ended'}`;
      case 'insertion':
        return mark.lines > 1
          ? `${name}: ${lines(mark.lines)} at once, ${SOURCES[mark.from]}`
          : `${name}: ${mark.characters} characters at once, ${SOURCES[mark.from]}`;
      case 'away':
        return `${name} was in another tab for ${clockText(mark.until - mark.at)}`;
      case 'offline':
        return `${name} was offline for ${clockText(mark.until - mark.at)}`;
      case 'join':
        return `${name} came in`;
      case 'leave':
        return `${name} left`;
      case 'start':
        return 'The interview started';
      case 'end':
        return 'The interview ended';
      case 'quiet':
        return `Quiet time until ${clockText(mark.until)}`;
      case 'mark':
        return mark.text ? `Mark by ${name}: ${mark.text}` : `Mark by ${name}`;
      case 'role':
        return `${about} became ${mark.role}`;
      case 'language':
        return `The language became ${mark.language}`;
      case 'gap':
        return 'A part could not be read';
    }
  },
  blindName: (role: string, number: number) => {
    const word = role.charAt(0).toUpperCase() + role.slice(1);
    return number > 1 ? `${word} ${number}` : word;
  },
  somebody: 'Somebody',
  sandbox: {
    title: (at: string) => `The code at ${at}`,
    lead: 'A copy for yourself alone. Nothing of it is sent or kept.',
    run: 'Run',
    close: 'Back to the replay',
    editor: 'Copy of the code',
    output: 'Output of your copy',
    empty: 'Press Run to see what it does.',
    cannotRun: (language: string) => `${language} does not run in the browser.`,
  },
  drop: {
    title: 'Replay an interview',
    lead: 'Drop the zip that “Download everything” gave you. It is read in this page and sent nowhere.',
    choose: 'Choose a file',
    zone: 'Drop the zip here',
    busy: (percent: number) => `Reading, ${percent} %`,
    offline: 'Works without a network once this page was open.',
    another: 'Open another file',
    noServerFile: 'The file that was to be replayed could not be read.',
  },
  link: {
    unknownTitle: 'This replay link does not work',
    unknownDetail: 'It is mistyped, or it was taken back. Ask whoever gave it to you for a new one.',
    expiredTitle: 'This replay link has expired',
    expiredDetail: 'The link, or the interview itself, is over its time. Ask for a new one.',
    notEndedTitle: 'This interview has not ended yet',
    notEndedDetail: 'It can be replayed once it is over. The link works then.',
    awayTitle: 'The server does not answer',
    awayDetail: 'Check the connection and try again.',
  },
} as const;
