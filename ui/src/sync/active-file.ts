import type { Awareness } from 'y-protocols/awareness';
import { Value, type Readable } from '../lib/readable';
import { MAIN_FILE, readFile, type FileInfo, type SharedFiles } from './files';
import type * as Y from 'yjs';

/** ActiveFile is the file that this browser shows. It tells the others which one that is. */
export class ActiveFile implements Readable<FileInfo> {
  readonly #awareness: Awareness;
  readonly #files: SharedFiles;
  readonly #value: Value<FileInfo>;
  readonly #stop: () => void;
  /** Where in the list the file stood, for when it goes. */
  #index = 0;

  readonly subscribe: Readable<FileInfo>['subscribe'];
  readonly getSnapshot: Readable<FileInfo>['getSnapshot'];

  constructor(doc: Y.Doc, awareness: Awareness, files: SharedFiles) {
    this.#awareness = awareness;
    this.#files = files;
    this.#value = new Value(files.find(MAIN_FILE) ?? readFile(doc, MAIN_FILE));
    this.subscribe = this.#value.subscribe;
    this.getSnapshot = this.#value.getSnapshot;
    this.#stop = files.subscribe(this.#follow);
    this.#follow();
  }

  /** open shows a file; one that does not exist is left alone. */
  open(id: string): void {
    const file = this.#files.find(id);
    if (file) this.#show(file);
  }

  dispose(): void {
    this.#stop();
  }

  #show(file: FileInfo): void {
    const moved = file.id !== this.getSnapshot().id;
    this.#index = this.#files.getSnapshot().indexOf(file);
    const state = this.#awareness.getLocalState();
    // A selection belongs to the file that it was made in.
    if (state && moved) {
      this.#awareness.setLocalState({ ...state, file: file.id, selection: null, selections: [] });
    }
    this.#value.set(file);
  }

  /** The file's entry changed, or somebody deleted the file. Then its neighbour is shown. */
  readonly #follow = (): void => {
    const files = this.#files.getSnapshot();
    const still = this.#files.find(this.getSnapshot().id);
    const next = still ?? files[Math.min(this.#index, files.length - 1)];
    if (next) this.#show(next);
  };
}
