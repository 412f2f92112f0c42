/** saveFile saves a file, as the browser saves any download. */
export function saveFile(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  // By then the browser holds the file itself.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
