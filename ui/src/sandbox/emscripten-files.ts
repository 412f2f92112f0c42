import { isPicture } from './pictures';

/** What we use of the file system of a module that Emscripten has made. */
export interface EmscriptenFiles {
  writeFile(path: string, data: string | Uint8Array): void;
  readFile(path: string): Uint8Array;
  readdir(path: string): string[];
}

/** picturesIn lists the files in a directory that are called pictures. */
export function* picturesIn(
  fs: EmscriptenFiles,
  directory: string,
): Generator<readonly [string, Uint8Array]> {
  for (const name of fs.readdir(directory)) {
    if (!isPicture(name)) continue;
    try {
      yield [name, fs.readFile(`${directory}/${name}`)];
    } catch {
      // No file, or one that cannot be read.
    }
  }
}
