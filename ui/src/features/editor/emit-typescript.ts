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
  sourceMap?: string;
  problems?: { text: string; fatal: boolean };
}

/** Models that are made for the compiler alone stand in a folder of their own. */
let folder = 0;

/**
 * emitTypeScript translates a program, and those of the session's files that are TypeScript, by the compiler that the
 * editor has loaded already. Wrong types are told and do not stop it; wrong syntax does.
 */
export async function emitTypeScript(name: string, files: Record<string, string>): Promise<Emitted> {
  const defaults = typescript.typescriptDefaults;
  defaults.setCompilerOptions({ ...defaults.getCompilerOptions(), sourceMap: true, strict: true });
  folder += 1;
  const uriOf = (file: string) => monaco.Uri.parse(`file:///run-${folder}/${file}`);
  const sources = Object.entries(files).filter(([file]) => file === name || file.endsWith('.ts'));
  const models = sources.map(([file, text]) => monaco.editor.createModel(text, 'typescript', uriOf(file)));
  try {
    const uri = uriOf(name);
    const worker = await (await compiler())(...models.map((model) => model.uri));
    const path = uri.toString();
    const [output, syntactic, semantic] = await Promise.all([
      worker.getEmitOutput(path),
      worker.getSyntacticDiagnostics(path),
      worker.getSemanticDiagnostics(path),
    ]);
    const file = (ending: string) => output.outputFiles.find((f) => f.name.endsWith(ending))?.text;
    const code = (file('.js') ?? '').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
    const found = (syntactic.length > 0 ? syntactic : semantic) as Diagnostic[];
    const model = models.find((candidate) => candidate.uri.toString() === path);
    if (found.length === 0 || !model) return { code, sourceMap: file('.js.map') };
    const text = found.map((one) => describe(one, name, model)).join('');
    return { code, sourceMap: file('.js.map'), problems: { text, fatal: syntactic.length > 0 } };
  } finally {
    for (const model of models) model.dispose();
  }
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
