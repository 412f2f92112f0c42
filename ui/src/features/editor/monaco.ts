/**
 * The only door to Monaco: which parts of it we use, and its workers. Import it lazily: it is by
 * far the largest thing that the page loads.
 */
import * as monaco from 'monaco-editor/editor';
import 'monaco-editor/features/register.all';
import './monaco-languages';
import 'monaco-editor/languages/features/css/register';
import 'monaco-editor/languages/features/html/register';
import 'monaco-editor/languages/features/json/register';
import * as typescript from 'monaco-editor/languages/features/typescript/register';
import editorWorker from 'monaco-editor/editor/editor.worker?worker&url';
import cssWorker from 'monaco-editor/languages/features/css/css.worker?worker&url';
import htmlWorker from 'monaco-editor/languages/features/html/html.worker?worker&url';
import jsonWorker from 'monaco-editor/languages/features/json/json.worker?worker&url';
import typeScriptWorker from 'monaco-editor/languages/features/typescript/ts.worker?worker&url';
import { dropStaleMarks } from './stale-marks';
import { startWorker } from './start-worker';
import { defineThemes } from './theme';
import { compilerOptions } from './typescript-options';

const WORKERS: Record<string, string> = {
  javascript: typeScriptWorker,
  typescript: typeScriptWorker,
  json: jsonWorker,
  css: cssWorker,
  scss: cssWorker,
  less: cssWorker,
  html: htmlWorker,
  handlebars: htmlWorker,
  razor: htmlWorker,
};

// Once defined, it has to answer for every label.
self.MonacoEnvironment = {
  getWorker: (_id: string, label: string) => startWorker(WORKERS[label] ?? editorWorker),
};

defineThemes(monaco);
dropStaleMarks(monaco, Object.keys(WORKERS));

for (const defaults of [typescript.javascriptDefaults, typescript.typescriptDefaults]) {
  defaults.setCompilerOptions(
    compilerOptions(defaults === typescript.javascriptDefaults) as Parameters<
      typeof defaults.setCompilerOptions
    >[0],
  );
  defaults.setDiagnosticsOptions({
    noSemanticValidation: true,
    noSyntaxValidation: false,
    noSuggestionDiagnostics: true,
  });
}

export { monaco };
