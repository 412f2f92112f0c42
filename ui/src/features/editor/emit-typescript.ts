import 'monaco-editor/languages/definitions/typescript/register';
import * as typescript from 'monaco-editor/languages/features/typescript/register';
import { monaco } from './monaco';

/** What the compiler says of a place, as we read it. */
interface Diagnostic {
  start?: number;
  messageText: string | { messageText: string };
  code: number;
  file?: unknown;
}

/** Emitted is a program in JavaScript, with the way back to its lines. */
export interface Emitted {
  code: string;
  files: Record<string, string>;
  sourceMaps: Record<string, string>;
  problems?: { text: string; fatal: boolean };
}

type Compiler = Awaited<ReturnType<Awaited<ReturnType<typeof typescript.getTypeScriptWorker>>>>;

/** Models that are made for the compiler alone stand in a folder of their own. */
let folder = 0;

/**
 * emitTypeScript translates a program, and those of the session's files that it imports, by the
 * compiler that the editor has loaded already. Type errors are reported and do not stop the run.
 * Syntax errors do.
 */
export async function emitTypeScript(name: string, files: Record<string, string>): Promise<Emitted> {
  folder += 1;
  const uriOf = (file: string) => monaco.Uri.parse(`file:///run-${folder}/${file}`);
  const parts = importedFrom(name, files);
  const models = new Map(
    parts.map((file) => [file, monaco.editor.createModel(files[file] ?? '', 'typescript', uriOf(file))]),
  );
  try {
    const uris = [...models.values()].map(({ uri }) => uri);
    const worker = await (await compiler())(...uris);
    const done = await Promise.all([...models].map(([file, model]) => emitFile(worker, file, model)));
    const told = done.flatMap(({ problems }) => problems);
    const text = told.map((one) => one.text).join('');
    const emitted = Object.fromEntries(done.map(({ file, code }) => [file, code]));
    return {
      code: emitted[name] ?? '',
      files: emitted,
      sourceMaps: Object.fromEntries(done.flatMap(({ file, map }) => (map ? [[file, map]] : []))),
      problems: text ? { text, fatal: told.some(({ fatal }) => fatal) } : undefined,
    };
  } finally {
    for (const model of models.values()) model.dispose();
  }
}

/** warmTypeScript makes the compiler read its libraries before anybody waits for it. */
export async function warmTypeScript(): Promise<void> {
  await emitTypeScript('warm.ts', {
    'warm.ts': 'const list: number[] = [];\nconsole.log(list.map(String));\n',
  });
}

/**
 * The program, what it imports, and what those files import. Other files of the session may contain
 * errors.
 */
function importedFrom(name: string, files: Record<string, string>): string[] {
  const found = new Set([name]);
  for (const file of found) {
    for (const [, specifier] of (files[file] ?? '').matchAll(
      /(?:from|import)\s*\(?\s*['"]\.\/([^'"]+)['"]/g,
    )) {
      const stem = (specifier ?? '').replace(/\.[jt]s$/, '');
      if (Object.hasOwn(files, `${stem}.ts`)) found.add(`${stem}.ts`);
    }
  }
  return [...found];
}

async function emitFile(worker: Compiler, file: string, model: monaco.editor.ITextModel) {
  const path = model.uri.toString();
  const [output, syntactic, semantic] = await Promise.all([
    worker.getEmitOutput(path),
    worker.getSyntacticDiagnostics(path),
    worker.getSemanticDiagnostics(path),
  ]);
  const made = (ending: string) => output.outputFiles.find((f) => f.name.endsWith(ending))?.text ?? '';
  const fatal = syntactic.length > 0;
  const found = (fatal ? syntactic : semantic) as Diagnostic[];
  return {
    file,
    code: made('.js').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'),
    map: made('.js.map'),
    problems: found.map((one) => ({ text: describe(one, file, model), fatal })),
  };
}

/** How long the compiler may take to come, in milliseconds, and how often it is asked for. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 50;

/** The compiler registers itself some time after the first file in its language. */
async function compiler(): ReturnType<typeof typescript.getTypeScriptWorker> {
  for (let left = PATIENCE_MS; ; left -= PAUSE_MS) {
    try {
      return await typescript.getTypeScriptWorker();
    } catch (error) {
      if (left <= 0) throw error;
      await new Promise((wake) => setTimeout(wake, PAUSE_MS));
    }
  }
}

function describe(
  { start, messageText, code }: Diagnostic,
  name: string,
  model: monaco.editor.ITextModel,
): string {
  const { lineNumber, column } = model.getPositionAt(start ?? 0);
  const message = typeof messageText === 'string' ? messageText : messageText.messageText;
  return `${name}:${lineNumber}:${column} - error TS${code}: ${message}\n`;
}
