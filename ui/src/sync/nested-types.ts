import * as Y from 'yjs';

/** Types within types that are followed. What this page writes has two. */
const MAX_DEPTH = 16;

let bound = false;

type Observed = { _callObserver: (transaction: Y.Transaction, keys: Set<string | null>) => void };

/**
 * boundNestedTypes keeps types within types within types from stopping the page. Yjs tells a change
 * to every type around the changed one, which is the square of their depth, and deletes and
 * collects them by calling itself, until its stack is full. Nothing that lies deep is told here,
 * and deletion goes on without recursion.
 */
export function boundNestedTypes(): void {
  if (bound) return;
  bound = true;
  for (const type of [Y.Map, Y.Array, Y.Text, Y.XmlFragment]) {
    const target = type.prototype as unknown as Observed;
    const call = target._callObserver;
    target._callObserver = function (this: Y.AbstractType<unknown>, transaction, keys) {
      if (!isDeep(this)) Reflect.apply(call, this, [transaction, keys]);
    };
  }
  const content = Y.ContentType.prototype;
  content.delete = inTurn(Reflect.get(content, 'delete') as typeof content.delete);
  content.gc = inTurn(Reflect.get(content, 'gc') as typeof content.gc);
}

function isDeep(type: Y.AbstractType<unknown>): boolean {
  let at: Y.AbstractType<unknown> | null = type;
  for (let depth = 0; at; depth++) {
    if (depth > MAX_DEPTH) return true;
    at = (at._item?.parent ?? null) as Y.AbstractType<unknown> | null;
  }
  return false;
}

/** inTurn makes calls that a method causes on other objects wait until it is done. */
function inTurn<T extends object, A>(method: (this: T, argument: A) => void): (this: T, argument: A) => void {
  const waiting: T[] = [];
  let busy = false;
  return function (this: T, argument: A) {
    waiting.push(this);
    if (busy) return;
    busy = true;
    try {
      for (let next = waiting.pop(); next; next = waiting.pop()) Reflect.apply(method, next, [argument]);
    } finally {
      busy = false;
      waiting.length = 0;
    }
  };
}
