/**
 * Exceptions of C++. The library that comes with the compiler was made without them, so what the
 * compiler calls for throw and catch is here: the memory of an exception, the search for who
 * catches it, and the end of a program that nobody saves.
 *
 * Source: LLVM 22, libcxxabi/src/cxa_personality.cpp and cxa_exception.cpp,
 * libunwind/src/Unwind-wasm.c; the Itanium C++ ABI, exception handling.
 */
export const CPP_EXCEPTIONS = `
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdarg.h>
#include <string.h>
#include <exception>
#include <new>
#include <stdexcept>
#include <typeinfo>
extern "C" char *__cxa_demangle(const char *, char *, size_t *, int *);

__asm__(".globl __cpp_exception\\n.tagtype __cpp_exception i32\\n__cpp_exception:\\n");

namespace {
// A catchable type, as the library has it: whether it catches another, and where in that it begins.
struct Catchable : std::type_info {
  virtual void noop1() const = 0;
  virtual void noop2() const = 0;
  virtual bool can_catch(const Catchable *thrown, void *&object) const = 0;
};
struct alignas(16) Header {
  const std::type_info *type;
  void *(*destroy)(void *);  // In WebAssembly a destructor gives what it was given.
  void *caught;      // The part of the object that the handler names.
  Header *next;      // The one that was being handled before.
  int handlers;      // How many handle it now; below 0: it was thrown again by one of them.
};
Header *handled, *last;
void *objectOf(Header *header) { return header + 1; }
Header *headerOf(void *object) { return static_cast<Header *>(object) - 1; }

uintptr_t uleb(const uint8_t *&at) {
  uintptr_t value = 0;
  for (int shift = 0;; shift += 7) {
    uint8_t byte = *at++;
    value |= uintptr_t(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}
intptr_t sleb(const uint8_t *&at) {
  intptr_t value = 0;
  for (int shift = 0;;) {
    uint8_t byte = *at++;
    value |= intptr_t(byte & 0x7f) << shift;
    shift += 7;
    if (byte < 0x80) return byte & 0x40 && shift < 32 ? value | -(intptr_t(1) << shift) : value;
  }
}
}

extern "C" {
struct { uintptr_t index; const uint8_t *table; uintptr_t selector; } __wasm_lpad_context;

// Which of the handlers at a place catches the exception: its number, 0 for none.
int _Unwind_CallPersonality(void *object) {
  auto &place = __wasm_lpad_context;
  place.selector = 0;
  const uint8_t *at = place.table;
  if (!at) return 0;
  if (*at++ != 0xff) uleb(at);
  const uint8_t *types = nullptr;
  if (*at++ != 0xff) { uintptr_t offset = uleb(at); types = at + offset; }
  at++;
  uintptr_t length = uleb(at);
  const uint8_t *actions = at + length;
  uintptr_t action = 0;
  for (uintptr_t index = 0; at < actions && index <= place.index; index++) { uleb(at); action = uleb(at); }
  if (action == 0) return 0;
  Header *header = headerOf(object);
  for (const uint8_t *one = actions + action - 1;;) {
    intptr_t number = sleb(one);
    if (number > 0) {
      auto type = reinterpret_cast<const Catchable *const *>(types)[-number];
      void *part = object;
      if (!type || type->can_catch(static_cast<const Catchable *>(header->type), part)) {
        header->caught = part;
        place.selector = number;
        return 0;
      }
    }
    const uint8_t *here = one;
    intptr_t offset = sleb(one);
    if (offset == 0) return 0;
    one = here + offset;
  }
}
int __gxx_wasm_personality_v0(...) { abort(); }

void *__cxa_allocate_exception(size_t size) noexcept {
  auto header = static_cast<Header *>(calloc(1, sizeof(Header) + size));
  if (!header) abort();
  return objectOf(header);
}
void __cxa_free_exception(void *object) noexcept { free(headerOf(object)); }
void __cxa_throw(void *object, std::type_info *type, void *(*destroy)(void *)) {
  Header *header = headerOf(object);
  header->type = type;
  header->destroy = destroy;
  header->caught = object;
  last = header;
  __builtin_wasm_throw(0, object);
}
void *__cxa_get_exception_ptr(void *object) noexcept { return headerOf(object)->caught; }
void *__cxa_begin_catch(void *object) noexcept {
  Header *header = headerOf(object);
  header->handlers = header->handlers < 0 ? -header->handlers + 1 : header->handlers + 1;
  if (handled != header) { header->next = handled; handled = header; }
  return header->caught;
}
void __cxa_end_catch() {
  Header *header = handled;
  if (!header) return;
  if (header->handlers < 0) {
    if (++header->handlers == 0) handled = header->next;
  } else if (--header->handlers == 0) {
    handled = header->next;
    if (header->destroy) header->destroy(objectOf(header));
    __cxa_free_exception(objectOf(header));
  }
}
void __cxa_rethrow() {
  if (!handled) std::terminate();
  handled->handlers = -handled->handlers;
  last = handled;
  __builtin_wasm_throw(0, objectOf(handled));
}

// The compiled part of the library was made without exceptions: where it would throw, it says what,
// and aborts. That is thrown here in its place, by its name.
void throw_for_library(const char *format, ...) __asm__("_ZNSt3__222__libcpp_verbose_abortEPKcz");
void throw_for_library(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  auto is = [&](const char *name) { return strncmp(format, name, strlen(name)) == 0; };
  const char *text = strstr(format, "%s") ? va_arg(arguments, const char *) : "";
  if (is("invalid_argument ")) throw std::invalid_argument(text);
  if (is("out_of_range ")) throw std::out_of_range(text);
  if (is("length_error ")) throw std::length_error(text);
  if (is("domain_error ")) throw std::domain_error(text);
  if (is("logic_error ")) throw std::logic_error(text);
  if (is("range_error ")) throw std::range_error(text);
  if (is("overflow_error ")) throw std::overflow_error(text);
  if (is("underflow_error ")) throw std::underflow_error(text);
  if (is("runtime_error ")) throw std::runtime_error(text);
  if (is("bad_array_new_length ")) throw std::bad_array_new_length();
  if (is("bad_alloc ")) throw std::bad_alloc();
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  fputs("\\n", stderr);
  abort();
}

// What is told of an exception that nobody catches.
__attribute__((export_name("parley_uncaught"))) void parley_uncaught() {
  if (!last) return;
  int status = 0;
  char *name = __cxa_demangle(last->type->name(), nullptr, nullptr, &status);
  fprintf(stderr, "terminate called after throwing an instance of '%s'\\n", name ? name : last->type->name());
  void *part = objectOf(last);
  auto base = static_cast<const Catchable *>(&typeid(std::exception));
  if (base->can_catch(static_cast<const Catchable *>(last->type), part))
    fprintf(stderr, "  what():  %s\\n", static_cast<std::exception *>(part)->what());
}
}

void *operator new(size_t size) {
  void *memory = malloc(size ? size : 1);
  if (!memory) throw std::bad_alloc();
  return memory;
}
`;
