/**
 * The only door to Monaco: which parts of it we use, and its workers. Import it lazily: it is by far the
 * largest thing that the page loads.
 */
import * as monaco from 'monaco-editor/editor';
import 'monaco-editor/features/register.all';
import 'monaco-editor/languages/definitions/javascript/register';
import 'monaco-editor/languages/definitions/python/register';
import * as typescript from 'monaco-editor/languages/features/typescript/register';
import EditorWorker from 'monaco-editor/editor/editor.worker?worker';
import TypeScriptWorker from 'monaco-editor/languages/features/typescript/ts.worker?worker';
import { defineThemes } from './theme';

// Once defined, it is asked for every label and has to answer each.
self.MonacoEnvironment = {
  getWorker: (_id: string, label: string) =>
    label === 'javascript' || label === 'typescript' ? new TypeScriptWorker() : new EditorWorker(),
};

defineThemes(monaco);

// Programs are modules that run in a worker with a console and prompt(), so that is what is suggested.
typescript.javascriptDefaults.setCompilerOptions({
  target: typescript.ScriptTarget.ESNext,
  module: typescript.ModuleKind.ESNext,
  moduleDetection: 3,
  allowNonTsExtensions: true,
  allowJs: true,
  lib: ['esnext', 'dom'],
} as Parameters<typeof typescript.javascriptDefaults.setCompilerOptions>[0]);
typescript.javascriptDefaults.setDiagnosticsOptions({
  noSemanticValidation: true,
  noSyntaxValidation: false,
  noSuggestionDiagnostics: true,
});

export { monaco };
