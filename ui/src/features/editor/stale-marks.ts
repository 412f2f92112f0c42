import type * as Monaco from 'monaco-editor/editor';

/**
 * dropStaleMarks takes marks of one language off a file that has become one of another. Monaco's
 * services own marks by the name of their language; one that was at work when the language changed
 * marks the file after it was cleared, for good.
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
