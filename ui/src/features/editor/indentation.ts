import type * as Monaco from 'monaco-editor/editor';

/** So many lines are enough to tell. */
const LINES = 2_000;

/**
 * indentsWithTabs says whether more lines of a text begin with a tab than with two spaces. New
 * lines are then indented as the others are. Python, for one, takes no mixture.
 */
export function indentsWithTabs(
  model: Pick<Monaco.editor.ITextModel, 'getLineCount' | 'getLineContent'>,
): boolean {
  let [tabs, spaces] = [0, 0];
  for (let line = Math.min(model.getLineCount(), LINES); line > 0; line--) {
    const content = model.getLineContent(line);
    if (content.startsWith('\t')) tabs++;
    else if (content.startsWith('  ')) spaces++;
  }
  return tabs > spaces;
}
