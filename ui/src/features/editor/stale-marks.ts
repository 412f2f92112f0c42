import type * as Monaco from 'monaco-editor/editor';

/**
 * dropStaleMarks removes the marks of one language from a file whose language changed. Monaco's
 * services own marks by the name of their language. A service that was at work during the change
 * marks the file after it was cleared, and never removes that mark.
 */
export function dropStaleMarks(monaco: typeof Monaco, languages: readonly string[]): Monaco.IDisposable {
  return monaco.editor.onDidChangeMarkers((resources) => {
    for (const resource of resources) {
      const model = monaco.editor.getModel(resource);
      if (!model) continue;
      const owners = new Set(monaco.editor.getModelMarkers({ resource }).map(({ owner }) => owner));
      owners.delete(model.getLanguageId());
      for (const owner of languages) {
        if (owners.has(owner)) monaco.editor.setModelMarkers(model, owner, []);
      }
    }
  });
}
