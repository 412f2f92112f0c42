import * as monaco from 'monaco-editor/editor';
import { expect, it } from 'vitest';
import { dropStaleMarks } from './stale-marks';

it('takes the marks of another language off, and leaves all others', async () => {
  const dropping = dropStaleMarks(monaco, ['javascript', 'json']);
  const model = monaco.editor.createModel('SELECT 1', 'sql');
  const mark = {
    severity: monaco.MarkerSeverity.Error,
    message: 'no',
    startLineNumber: 1,
    startColumn: 1,
    endLineNumber: 1,
    endColumn: 2,
  };
  for (const owner of ['javascript', 'run', 'sql']) monaco.editor.setModelMarkers(model, owner, [mark]);
  const owners = () => monaco.editor.getModelMarkers({ resource: model.uri }).map(({ owner }) => owner);
  expect(owners()).toHaveLength(3);
  await expect.poll(() => owners().sort()).toEqual(['run', 'sql']);
  dropping.dispose();
  model.dispose();
});
