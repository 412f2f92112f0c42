import type { Awareness } from 'y-protocols/awareness';
import { inkOn } from '../../lib/colors';
import { nextFrame } from '../../lib/readable';
import type { PeopleRecord } from '../../sync/people-record';

/** How long a name stays visible after its cursor moved. */
const FLAG_MS = 2_000;

/**
 * cssString writes any text as a CSS string literal. Everything but letters and digits is an
 * escape, so no name can end the string or the rule.
 */
export function cssString(text: string): string {
  const escaped = [...text].map((char) =>
    /[A-Za-z0-9]/.test(char) ? char : `\\${char.codePointAt(0)?.toString(16)} `,
  );
  return `"${escaped.join('')}"`;
}

/**
 * cursorRule is the style of one client's cursor and selection, as variables that editor.css draws
 * with.
 */
export function cursorRule(clientId: number, user: { name: string; color: string }, flagUp: boolean): string {
  const variables = [
    `--cursor: ${user.color}`,
    `--cursor-ink: ${inkOn(user.color)}`,
    `--cursor-name: ${cssString(user.name)}`,
    `--flag: ${flagUp ? 1 : 0}`,
  ].join('; ');
  const id = String(Math.trunc(clientId));
  return `.yRemoteSelection-${id}, .yRemoteSelectionHead-${id} { ${variables} }`;
}

/**
 * showCursorStyles keeps one constructed style sheet with a rule for each client, and shows the
 * name of a person whose cursor just moved. The returned function removes the style sheet.
 */
export function showCursorStyles(
  awareness: Awareness,
  record: PeopleRecord,
  target: Document = document,
): () => void {
  const sheet = new CSSStyleSheet();
  target.adoptedStyleSheets = [...target.adoptedStyleSheets, sheet];
  const seen = new Map<number, { selection: string; movedAt: number }>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let shown = '';

  const noteMoves = () => {
    for (const [clientId, state] of awareness.getStates()) {
      const { selection: place, moves } = state as { selection?: unknown; moves?: unknown };
      const selection = JSON.stringify([place, moves]);
      if (seen.get(clientId)?.selection !== selection) seen.set(clientId, { selection, movedAt: Date.now() });
    }
    for (const clientId of seen.keys()) if (!awareness.getStates().has(clientId)) seen.delete(clientId);
  };
  const draw = () => {
    const since = Date.now() - FLAG_MS;
    const rules: string[] = [];
    for (const [clientId, state] of awareness.getStates()) {
      const user = record.personOf(state);
      if (!user || clientId === awareness.clientID) continue;
      rules.push(cursorRule(clientId, user, (seen.get(clientId)?.movedAt ?? 0) > since));
    }
    // Most changes of presence change nothing here, and a new sheet makes the browser style the
    // whole page again.
    const css = rules.join('\n');
    if (css !== shown) sheet.replaceSync(css);
    shown = css;
  };
  let cancel: (() => void) | null = null;
  // Once a frame, however much presence comes.
  const refresh = () => (cancel ??= nextFrame(now));
  const now = () => {
    cancel = null;
    noteMoves();
    draw();
    clearTimeout(timer);
    timer = setTimeout(draw, FLAG_MS + 50);
  };
  awareness.on('change', refresh);
  const stop = record.subscribe(refresh);
  now();
  return () => {
    cancel?.();
    stop();
    clearTimeout(timer);
    awareness.off('change', refresh);
    target.adoptedStyleSheets = target.adoptedStyleSheets.filter((other) => other !== sheet);
  };
}
