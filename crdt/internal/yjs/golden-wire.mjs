// Golden cases written byte by byte: what yjs itself never writes, but has to be read, refused or
// handed on.

import { Y, encoding } from './yjs.mjs'
import { vector } from './golden-edits.mjs'

const bytes = f => {
  const encoder = encoding.createEncoder()
  f(encoder)
  return encoding.toUint8Array(encoder)
}

const concat = (...parts) => Uint8Array.from(parts.flatMap(p => [...p]))
const uint = n => bytes(e => encoding.writeVarUint(e, n))
const string = s => bytes(e => encoding.writeVarString(e, s))
const any = v => bytes(e => encoding.writeAny(e, v))

/**
 * An update of sections [client, clock, ...structs] and deletes [client, [clock, len]...], in the
 * order given.
 */
const update = (sections, deletes = []) => concat(
  uint(sections.length), ...sections.map(([client, clock, ...structs]) => concat(uint(structs.length), uint(client), uint(clock), ...structs)),
  uint(deletes.length), ...deletes.map(([client, ...ranges]) => concat(uint(client), uint(ranges.length), ...ranges.map(([c, n]) => concat(uint(c), uint(n)))))
)

const gc = (len, info = 0) => concat([info], uint(len))
const skip = (len, info = 10) => concat([info], uint(len))

const where = ({ origin, right, root = 'text', parent, key }) => {
  const parts = []
  if (origin) parts.push(uint(origin[0]), uint(origin[1]))
  if (right) parts.push(uint(right[0]), uint(right[1]))
  if (!origin && !right) {
    parts.push(parent ? concat(uint(0), uint(parent[0]), uint(parent[1])) : concat(uint(1), string(root)))
    if (key !== undefined) parts.push(string(key))
  }
  return concat(...parts)
}

const item = (kind, place, content) => concat(
  [kind | (place.origin ? 0x80 : 0) | (place.right ? 0x40 : 0) | (place.key !== undefined ? 0x20 : 0)], where(place), content)

const text = (s, place = {}) => item(4, place, string(s))
const list = { root: 'array' }

const hello = update([[1, 0, text('hello')]])

const primitives = () => ({
  'UPD-1_empty': { about: 'the empty update', apply: [new Uint8Array([0, 0])], merge: [[new Uint8Array([0, 0]), new Uint8Array([0, 0])]], diff: [[new Uint8Array([0, 0]), vector([])]], vectors: [new Uint8Array([0, 0])] },
  'PRI-1_overlong': { about: 'numbers with more bytes than needed are read', apply: [concat([0x81, 0x00, 0x81, 0x80, 0x00, 0x81, 0x00, 0x80, 0x00], text('a'), [0x80, 0x00])] },
  'PRI-1_too_large': { about: 'numbers above 2^53-1 are refused', refused: [concat([1, 1], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], [0], text('a'), [0])] },
  'PRI-2_invalid_utf8': {
    about: 'strings that are no UTF-8 refuse the whole update',
    refused: [[0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]].map(s => update([[1, 0, text('fine'), item(4, { origin: [1, 3] }, concat(uint(s.length), s))]]))
      .concat([update([[1, 0, concat([4, 1, 2, 0xc3, 0x28], string('x'))]])])
  },
  'PRI-4_UPD-1_truncated': { about: 'an update cut at any byte is refused', refused: Array.from(hello, (_, i) => hello.slice(0, i)) },
  'UPD-1_trailing_bytes': { about: 'what follows the delete set is ignored', apply: [concat(hello, [1, 2, 3])] }
})

const foreign = () => ({
  'PRI-3_UPD-6_integers_of_yrs': { about: 'yrs writes integers up to 2^53 as such; they are kept as received', kept: [update([[1, 0, item(8, list, concat(uint(2), [125], bytes(e => encoding.writeVarInt(e, 2 ** 40)), [125], bytes(e => encoding.writeVarInt(e, -(2 ** 53 - 1)))))]])] },
  'UPD-6_key_order': { about: 'keys of an object in an order that JavaScript would change', kept: [update([[1, 0, item(8, list, concat(uint(1), [118, 2], string('b'), any(1), string('1'), any(2)))]])] },
  'UPD-6_json_spelling': { about: 'JSON with spaces and odd numbers is kept as received', kept: [update([[1, 0, item(5, {}, string('{ "a" : 1.0 }'))]]), update([[1, 0, item(6, {}, concat(string('bold'), string(' true')))]]), update([[1, 0, item(2, list, concat(uint(1), string('[1e0]')))]])] },
  'UPD-6_float_spelling': { about: 'a float64 that would fit a float32', kept: [update([[1, 0, item(8, list, concat(uint(1), [123, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0]))]])] },
  'UPD-6_document_options': { about: 'options of a subdocument that yjs does not know', kept: [update([[1, 0, item(9, list, concat(string('guid'), any({ encoding: 0 })))]])] },
  'UPD-10_bad_json': { about: 'JSON that does not parse is refused', refused: ['', '{', 'undefined', '{"a":}', '01', '\u00a01'].map(s => update([[1, 0, item(5, {}, string(s))]])).concat([update([[1, 0, item(2, list, concat(uint(1), string('nope')))]]), update([[1, 0, item(6, {}, concat(string('k'), string('x')))]])]) },
  'PRI-3_PRI-4_bad_any': { about: 'unknown kinds of Any, and counts that promise more than there is', refused: [[115], [0], [128], [117, 5, 126], [118, 1], [116, 9, 1], [119, 3, 0x61], [123, 1, 2], [122, 0]].map(v => update([[1, 0, item(8, list, concat(uint(1), v))]])) }
})

const structs = () => ({
  'UPD-4_unknown_content': { about: 'content kinds that yjs cannot read', refused: Array.from({ length: 21 }, (_, i) => update([[1, 0, item(11 + i, {}, uint(1))]])) },
  'UPD-7_unknown_types': { about: 'type refs that yjs cannot read', refused: [7, 8, 9, 15, 127, 200].map(ref => update([[1, 0, item(7, list, uint(ref))]])) },
  'UPD-5_parent_info': { about: 'parent info 1 is a root name, anything else an id', apply: [update([[1, 0, item(7, list, uint(0)), concat([8], uint(2), uint(1), uint(0), uint(1), any('in'))]])] },
  'UPD-4_flags': { about: 'GC and Skip with flag bits', apply: [update([[1, 0, gc(2, 0x20), gc(1, 0xc0), gc(1), text('x')]])], merge: [[update([[1, 0, gc(2, 0x20), gc(3, 0x80)]]), update([[1, 1, gc(9)]])]] },
  'UPD-4_skip_flags': { about: 'a Skip with flag bits can be applied, but not read lazily', apply: [update([[1, 0, skip(2, 0x2a), text('x')]])], mergeRefused: [update([[1, 0, skip(2, 0x2a), text('x')]])] },
  'UPD-5_key_bit_without_key': { about: 'the bit on an item with an origin says nothing', apply: [update([[1, 0, text('a'), concat([0xa4], uint(1), uint(0), string('b'))]])] },
  'UPD-2_UPD-3_any_order_of_sections': { about: 'sections in ascending order', apply: [update([[1, 0, text('a')], [2, 0, text('b', { origin: [1, 0] })], [3, 0, text('c', { origin: [2, 0] })]])], vectors: [update([[1, 0, text('a')], [2, 0, text('b', { origin: [1, 0] })]])] },
  'UPD-2_client_twice': {
    about: 'a client named twice in an update: the last section counts, also when it is empty or the two are not neighbours',
    apply: [
      update([[1, 0, text('first')], [1, 0, text('second')]]),
      update([[2, 0, text('gone')], [2, 0]]),
      update([[3, 0, text('third')], [4, 0, text('x')], [3, 1, text('waits', { origin: [3, 0] })]]),
      update([[3, 0, text('a'), text('b', { origin: [3, 0] })], [5, 0, text('c', { origin: [3, 1] })], [3, 0, text('z')]])
    ]
  },
  'DS-1_delete_of_nothing': { about: 'a deleted range without length changes nothing', apply: [update([[1, 0, text('ab')]], [[1, [1, 0]]])] },
  'INT-2_INT-3_next_to_collected': { about: 'an item next to GC becomes GC, on either side', apply: [update([[1, 0, gc(3)]]), update([[2, 0, text('left', { origin: [1, 1] }), text('more', { origin: [2, 3] })]]), update([[3, 0, text('right', { right: [1, 1] })]]), update([[4, 0, text('ok')]])] },
  'INT-3_parent_no_type': { about: 'a parent that is no type, or deleted', apply: [update([[1, 0, text('abc'), item(1, { origin: [1, 2] }, uint(1))]]), update([[2, 0, text('x', { parent: [1, 1] })]]), update([[3, 0, text('x', { parent: [1, 3] })]])] },
  'INT-3_key_from_left': { about: 'the key of an entry with an origin is that of the origin', apply: [update([[1, 0, item(8, { root: 'map', key: 'k' }, concat(uint(1), any(1)))]]), update([[2, 0, item(8, { origin: [1, 0] }, concat(uint(1), any(2)))]]), update([[3, 0, item(8, { right: [2, 0] }, concat(uint(1), any(3)))]])] },
  'INT-5_INT-7_split_entry': { about: 'a map entry of several values that is cut: the entry is the right part', apply: [update([[1, 0, item(8, { root: 'map', key: 'k' }, concat(uint(3), any(1), any(2), any(3)))]]), update([], [[1, [0, 1]]])] },
  'UPD-9_deleted_content': { about: 'Deleted content of some length, cut and merged', apply: [update([[1, 0, item(1, {}, uint(5)), text('x', { origin: [1, 4] })]]), update([[2, 0, text('y', { origin: [1, 2] })]])], encode: [vector([[1, 2]])] },
  'ENC-2_UPD-9_offsets': {
    about: 'a state vector inside of each content that can be cut',
    apply: [update([[5, 0, gc(4)], [4, 0, item(1, {}, uint(4))], [3, 0, item(2, list, concat(uint(4), ...['1', '"b"', 'null', 'undefined'].map(string)))], [2, 0, item(8, { origin: [3, 1] }, concat(uint(4), any(1), any('b'), any(null), any([4])))], [1, 0, text('abcd', { origin: [4, 0], right: [4, 1] })]])],
    encode: [1, 2, 3].map(n => vector([1, 2, 3, 4, 5].map(c => [c, n])))
  }
})

const waiting = () => {
  const a = text('abcdefg')
  const b = text('b', { origin: [1, 0] })
  const late = text('late', { origin: [1, 8] })
  return {
    'PEN-2_UPD-11_waits_no_longer': {
      about: 'what waits is tried whenever something came in: yjs notes that 2:0 waits for the gap before 1:9, and would leave it pending when 1:0 comes; a reload integrates it',
      apply: [update([[2, 0, b], [1, 9, late]]), update([[1, 0, a]]), update([[1, 7, text('hi', { origin: [1, 6] })]])]
    },
    'PEN-1_order_of_copies': {
      about: 'different copies of the same clocks wait: they are joined one by one in the order of arrival, which is not the same as joining the later ones first',
      quiet: true,
      apply: [update([[1, 2, text('CD', { origin: [9, 0] })]]), update([[1, 0, text('abc', { origin: [9, 0] })]]), update([[1, 3, text('45', { origin: [1, 2] })]])]
    },
    'CON-4_known_struct_cuts': {
      about: 'a struct that is known already still cuts the store where its origin ends; seen only where deleted text is kept',
      gc: false,
      apply: [update([[1, 0, text('a😀b')]], [[1, [0, 4]]]), update([[1, 2, text('\ufffd', { origin: [1, 1] })]])]
    }
  }
}

const deleteSets = () => {
  const two = update([[2, 0, text('abcdef')], [1, 0, text('uvwxyz')]])
  return {
    'DS-1_DS-2_any_order': { about: 'clients ascending, ranges unsorted, touching and overlapping, a client twice', apply: [two, update([], [[1, [4, 1], [1, 2], [2, 1]], [2, [0, 2], [2, 1], [1, 4]], [1, [0, 1]]])], merge: [[update([], [[1, [4, 1], [1, 2], [2, 1]], [2, [0, 2], [1, 4]], [1, [0, 1]]]), update([], [[3, [9, 1]], [1, [3, 1]]])]] },
    'MRG-4_diff_keeps_order': { about: 'diffUpdate writes the ranges as they came, clients sorted', diff: [[update([], [[1, [4, 1], [1, 2]], [2, [0, 2], [1, 4]]]), vector([])]] },
    'DS-1_no_ranges': { about: 'a client without ranges leaves no entry', apply: [two, update([], [[2], [9], [1, [0, 1]]])], merge: [[update([], [[2], [1, [0, 1]]]), update([], [[7]])]] },
    'DEL-1_PEN-3_beyond': { about: 'what lies beyond the known clock waits', apply: [update([], [[1, [4, 10]], [8, [0, 2]]]), two, update([[1, 6, text('tail', { origin: [1, 5] })]])] },
    'DEL-1_inside': { about: 'cuts at both ends, then over what is deleted already', apply: [two, update([], [[1, [2, 2]]]), update([], [[1, [1, 4]]]), update([], [[1, [0, 6]]])] }
  }
}

const limits = () => ({
  'PRI-1_wide_client': { about: 'a client id of 53 bits in every place where one can stand', apply: [update([[2 ** 53 - 1, 0, text('ab'), item(7, { root: 'array' }, uint(0))], [1, 0, text('x', { origin: [2 ** 53 - 1, 0], right: [2 ** 53 - 1, 1] }), item(8, { parent: [2 ** 53 - 1, 2] }, concat(uint(1), any(1)))]], [[2 ** 53 - 1, [0, 1]]])] },
  'UPD-3_clocks': { about: 'clocks beyond 2^32: a few bytes stand for a collected run of petabytes', apply: [update([[1, 0, gc(2 ** 52)]]), update([[2, 0, gc(2 ** 32)]]), update([[2, 2 ** 33, text('x')]]), update([[3, 0, text('y', { origin: [1, 2 ** 51] })]], [[1, [2 ** 40, 2 ** 41]], [2, [2 ** 34, 5]]])] },
  'UPD-10_no_length': { about: 'structs without length would have no id; yjs takes them', stricter: [update([[1, 0, gc(0)]]), update([[1, 0, text('')]]), update([[1, 0, item(8, list, uint(0))]])], refused: [update([[1, 0, item(1, {}, uint(0))]])] },
  'PRI-4_counts': { about: 'counts that promise more than the bytes hold', refused: [concat(uint(2 ** 31)), concat([1], uint(2 ** 31), [1, 0]), concat([1, 1, 1, 0, 8, 1, 1, 0x61], uint(2 ** 31)), concat([0], uint(2 ** 31)), concat([0, 1, 1], uint(2 ** 31), [0, 1])] },
  'UPD-10_own_future': { about: 'an item that hangs on its own client from itself on', refused: [update([[1, 0, text('x', { origin: [1, 0] })]]), update([[1, 0, text('x', { right: [1, 5] })]]), update([[1, 0, item(8, { parent: [1, 0] }, concat(uint(1), any(1)))]])] }
})

export const cases = () => ({ ...primitives(), ...foreign(), ...structs(), ...waiting(), ...deleteSets(), ...limits() })
