/** Exit of a program by sys.exit(): its code, or the message that it wanted printed. */
const EXIT = /SystemExit(?:: (.*))?\s*$/s;

/**
 * pythonErrorText turns what Pyodide throws into what `python main.py` would have printed, the
 * traceback from the program's own first line on, and the code that it would have ended with.
 */
export function pythonErrorText(error: unknown, fileName: string): { text: string; exitCode: number } {
  const { type, message } = error as { type?: unknown; message?: unknown };
  const full = typeof message === 'string' ? message : String(error);
  if (type === 'SystemExit') return exitText(full);
  return { text: `${ownTraceback(full, fileName).trimEnd()}\n`, exitCode: 1 };
}

function exitText(full: string): { text: string; exitCode: number } {
  const value = EXIT.exec(full)?.[1]?.trim() ?? '';
  if (value === '' || value === 'None') return { text: '', exitCode: 0 };
  if (/^-?\d+$/.test(value)) return { text: '', exitCode: Number(value) & 0xff };
  return { text: `${value}\n`, exitCode: 1 };
}

/** Frames above the program's first one are the interpreter's own machinery. */
function ownTraceback(full: string, fileName: string): string {
  const lines = full.split('\n');
  const first = lines.findIndex((line) => line.trimStart().startsWith(`File "${fileName}"`));
  const header = lines.findIndex((line) => line.startsWith('Traceback'));
  if (first < 0 || header < 0 || first < header) return full;
  const isSyntax = lines.some((line) => /^(SyntaxError|IndentationError|TabError)\b/.test(line));
  return [...lines.slice(0, isSyntax ? header : header + 1), ...lines.slice(first)].join('\n');
}
