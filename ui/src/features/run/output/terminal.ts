import { FitAddon } from '@xterm/addon-fit';
import { Terminal, type ITheme } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import type { Theme } from '../../../lib/preferences';
import type { OutputPart } from '../../../sync/runs';
import { MarkLimit } from './stacked';
import { Tamer } from './tame';
import { widths } from './terminal-widths';

/**
 * Colours of each theme: told apart by lightness too, so that red and green differ for everybody.
 */
const THEMES: Record<Theme, ITheme> = {
  dark: {
    background: '#0f1116',
    foreground: '#e6e8ee',
    selectionBackground: '#39437a',
    ...ansi('#1f232d', '#ff7a7a', '#7fd8a8', '#f2b155', '#8391ff', '#d49bf2', '#6fc3df', '#c5cad6'),
  },
  light: {
    background: '#ffffff',
    foreground: '#1b1f29',
    selectionBackground: '#c9d0ff',
    ...ansi('#1b1f29', '#b42323', '#0c6b40', '#7a4d00', '#3643c4', '#8a2fa8', '#0b6580', '#4a5263'),
  },
  contrast: {
    background: '#000000',
    foreground: '#ffffff',
    selectionBackground: '#2456c8',
    ...ansi('#3a3f4a', '#ffa3a3', '#6bff9f', '#ffd75e', '#9db4ff', '#f0b3ff', '#7ce7ff', '#ffffff'),
  },
};

function ansi(...colours: string[]): ITheme {
  const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
  const pairs = names.flatMap((name, i) => [
    [name, colours[i]],
    [`bright${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`, colours[i]],
  ]);
  return Object.fromEntries(pairs) as ITheme;
}

/**
 * Text of other streams than standard output has a colour. The plain text does not tell streams
 * apart, as in a terminal.
 */
const COLOUR: Record<OutputPart['stream'], string> = { stdout: '', stderr: '\x1b[31m', stdin: '\x1b[36m' };
const PLAIN = '\x1b[0m';

/**
 * Lines that can be scrolled to: an output of 256 KiB has no more than these, unless they are
 * empty. Each costs memory once it is there.
 */
const SCROLLBACK = 131_072;

/**
 * OutputTerminal draws the output of one run. It only ever draws: nothing that is typed goes
 * anywhere.
 */
export class OutputTerminal {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #observer: ResizeObserver;
  #frame = 0;
  /** What has been written, by part. */
  #shown: OutputPart[] = [];
  #marks = new MarkLimit();

  constructor(host: HTMLElement, theme: Theme, font: string) {
    this.#terminal = new Terminal({
      convertEol: true,
      disableStdin: true,
      cursorStyle: 'bar',
      cursorInactiveStyle: 'none',
      scrollback: SCROLLBACK,
      // For the width of characters alone.
      allowProposedApi: true,
      fontFamily: font,
      fontSize: 13,
      lineHeight: 1.35,
      theme: THEMES[theme],
      minimumContrastRatio: theme === 'contrast' ? 7 : 4.5,
    });
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.unicode.register(widths);
    this.#terminal.unicode.activeVersion = widths.version;
    this.#terminal.open(host);
    // The keyboard skips the terminal. It reaches the plain text beside it.
    this.#terminal.textarea?.setAttribute('tabindex', '-1');
    this.#terminal.attachCustomKeyEventHandler((event) => event.key !== 'Tab');
    // In a frame of its own: a change of size within the observer's turn is reported as an error.
    this.#observer = new ResizeObserver(() => {
      cancelAnimationFrame(this.#frame);
      this.#frame = requestAnimationFrame(() => this.#resize());
    });
    this.#observer.observe(host);
    this.#resize();
  }

  setTheme(theme: Theme): void {
    this.#terminal.options.theme = THEMES[theme];
  }

  /** show draws what was added. When the text changed elsewhere, everything is drawn again. */
  show(parts: readonly OutputPart[]): void {
    const from = this.#unchanged(parts);
    if (from < 0) {
      this.#terminal.reset();
      this.#shown = [];
      this.#marks = new MarkLimit();
      return this.show(parts);
    }
    let news = '';
    for (let i = from; i < parts.length; i++) {
      const part = parts[i];
      const before = this.#shown[i]?.text.length ?? 0;
      if (!part) continue;
      const text = part.text.slice(before);
      // The document may hold anything, because others write it.
      if (text) news += PLAIN + COLOUR[part.stream] + this.#marks.take(new Tamer().tame(text));
    }
    if (news) this.#terminal.write(news);
    this.#shown = parts.map((part) => ({ ...part }));
  }

  dispose(): void {
    this.#observer.disconnect();
    cancelAnimationFrame(this.#frame);
    this.#terminal.dispose();
  }

  #resize(): void {
    const size = this.#fit.proposeDimensions();
    if (size && size.cols > 1 && size.rows > 0) this.#fit.fit();
  }

  /** The index of the first part that has grown or is new; -1 if something else has changed. */
  #unchanged(parts: readonly OutputPart[]): number {
    const last = this.#shown.length - 1;
    for (let i = 0; i <= last; i++) {
      const [was, is] = [this.#shown[i], parts[i]];
      if (!was || !is || was.stream !== is.stream) return -1;
      if (i < last ? was.text !== is.text : !is.text.startsWith(was.text)) return -1;
    }
    return Math.max(0, last);
  }
}
