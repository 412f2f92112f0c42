/**
 * isSave says whether keys ask to save. All that is typed is saved anyway, and the browser would
 * save the page instead.
 */
export function isSave({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean {
  return (ctrlKey || metaKey) && !altKey && !shiftKey && key.toLowerCase() === 's';
}
